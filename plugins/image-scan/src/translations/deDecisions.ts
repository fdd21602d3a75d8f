/** The texts about what people decide, in German. */
export const deDecisions = {
  'decision.note.hold': 'Angehalten von {{who}} seit {{day}}',
  'decision.note.holdGitRepo':
    'Ganz {{gitRepo}} ist angehalten von {{who}} seit {{day}}',
  'decision.note.holdEverything':
    'Alles ist angehalten von {{who}} seit {{day}}',
  'decision.note.skip': '{{tag}} wird übersprungen, {{who}} seit {{day}}',
  'decision.note.chosen': '{{tag}} wurde gewählt von {{who}} ({{day}})',
  'decision.note.declined': '{{tag}} wurde abgelehnt von {{who}} ({{day}})',
  'decision.note.rollback': 'Zurückgesetzt von {{who}} ({{day}})',
  'decision.note.rollbackTo':
    'Zurückgesetzt von {{before}} auf {{after}} durch {{who}} ({{day}})',
  'decision.note.until': '{{note}}, bis {{day}}',
  'decision.note.reason': '{{note}}: {{reason}}',
  'decision.note.in': '{{who}} in {{commit}}',
  'decision.note.nothing': 'nichts',
  'decision.who.git': 'jemand in Git',
  'decision.who.unnamed': 'jemand',
  'decision.who.moved': 'jemand, der den Branch verschob',
  'decision.list.label': 'Entscheidungen',
  'decision.list.show': 'Welche Entscheidungen',
  'decision.list.active': 'In Kraft',
  'decision.list.ended': 'Beendet',
  'decision.list.all': 'Alle',
  'decision.list.time': 'Wann',
  'decision.list.place': 'Wofür',
  'decision.list.what': 'Entscheidung',
  'decision.list.end': 'Wie sie endete',
  'decision.list.everything': 'Alles',
  'decision.list.wholeGitRepo': 'Ganz {{gitRepo}}',
  'decision.list.gone':
    'Gerade nicht da: sie gilt wieder, sobald es zurück ist.',
  'decision.list.noneActive':
    'Nichts ist angehalten, übersprungen oder zurückgesetzt.',
  'decision.list.noneEnded': 'Noch ist keine Entscheidung beendet.',
  'decision.list.none': 'Noch ist nichts entschieden worden.',
  'decision.list.release': 'Aufheben…',
  'decision.list.releaseLabel': 'Aufheben: {{what}}',
  'decision.end.released': 'Aufgehoben von {{who}} {{time}}',
  'decision.end.expired': 'Ihr Datum verging {{time}}',
  'decision.end.in-git': 'In Git rückgängig gemacht {{time}}',
  'decision.end.redefined': 'Die Definition änderte sich {{time}}',
  'decision.end.replaced': 'Ersetzt von {{who}} {{time}}',
  'decision.reminder.title_one':
    '{{count}} Halt ohne Datum ist älter als 30 Tage',
  'decision.reminder.title_other':
    '{{count}} Halte ohne Datum sind älter als 30 Tage',
  'decision.reminder.text':
    'Werden sie noch gebraucht? Heb sie auf, oder halte erneut mit einem Datum an.',
  'decision.reminder.note':
    'Seit mehr als 30 Tagen ohne Datum angehalten: wird das noch gebraucht?',
  'decision.form.reason': 'Warum (optional)',
  'decision.form.reasonHelp':
    'Steht überall, wo die Images stehen, und bleibt im Verlauf.',
  'decision.form.until': 'Bis (optional)',
  'decision.form.untilHelp': 'Ohne Datum gilt es, bis jemand es aufhebt.',
  'decision.form.past': 'Das ist schon vergangen.',
  'decision.menu.button': 'Entscheiden',
  'decision.menu.label': 'Über {{what}} entscheiden',
  'decision.menu.hold': 'Anhalten…',
  'decision.menu.skip': '{{tag}} überspringen…',
  'decision.menu.useTag': 'Anderen Tag verwenden…',
  'decision.menu.revert': 'Update zurücknehmen…',
  'decision.menu.release.hold': 'Halt aufheben…',
  'decision.menu.release.gitRepo': 'Ganz {{gitRepo}} freigeben…',
  'decision.menu.release.everything': 'Alles freigeben…',
  'decision.menu.release.rollback': 'Zurücksetzung aufheben…',
  'decision.menu.release.chosen': 'Wahl von {{tag}} aufheben…',
  'decision.menu.release.skip': '{{tag}} nicht mehr überspringen…',
  'decision.menu.release.declined': '{{tag}} doch annehmen…',
  'decision.hold.title': '{{what}} anhalten',
  'decision.hold.everything': 'Alles',
  'decision.hold.several_one': '{{count}} Image',
  'decision.hold.several_other': '{{count}} Images',
  'decision.hold.scan':
    'Für {{image}} wird nichts geschrieben, bis das aufgehoben wird oder sein Datum vergeht, auch nicht, wenn jemand darum bittet. Geprüft wird weiter, und was neuer ist, wird gezeigt.',
  'decision.hold.gitRepo':
    'In {{gitRepo}} wird nichts geschrieben, bis das aufgehoben wird oder sein Datum vergeht, auch nicht, wenn jemand darum bittet. Seine Images werden weiter geprüft.',
  'decision.hold.all':
    'In kein Git-Repository wird geschrieben, bis das aufgehoben wird oder sein Datum vergeht, auch nicht, wenn jemand darum bittet. Alle Images werden weiter geprüft.',
  'decision.hold.filtered':
    'Jedes Image, das die Filter jetzt durchlassen, wird für sich angehalten: für es wird nichts geschrieben, bis sein Halt aufgehoben wird oder das Datum vergeht. Images, die später dazukommen, sind nicht angehalten.',
  'decision.hold.replaces': 'Das tritt an die Stelle von: {{note}}',
  'decision.hold.confirm': 'Anhalten',
  'decision.hold.these': 'Diese anhalten…',
  'decision.hold.allButton': 'Alles anhalten…',
  'decision.hold.done':
    'Angehalten. Ein Commit war schon unterwegs und kann noch ankommen',
  'decision.hold.finding': 'Es wird gesucht, was das ist',
  'decision.skip.title': '{{tag}} von {{image}} überspringen',
  'decision.skip.text':
    '{{tag}} wird übergangen, als hätte die Registry ihn nicht: der nächstbeste Tag wird gewählt, und mit neueren geht es weiter. Was Git schon hat, bleibt.',
  'decision.skip.confirm': '{{tag}} überspringen',
  'decision.useTag.title': '{{tag}} für {{image}} verwenden',
  'decision.useTag.titleOpen': 'Anderen Tag für {{image}} verwenden',
  'decision.useTag.text':
    '{{tag}} wird jetzt geschrieben, was auch immer die Policy wählt. Wo die Policy einen anderen wählen würde, bleibt dieser, bis jemand das aufhebt.',
  'decision.useTag.tag': 'Tag',
  'decision.useTag.choose': 'Tag wählen',
  'decision.useTag.next': 'Zeigen, was geschrieben würde',
  'decision.useTag.button': 'Verwenden…',
  'decision.useTag.label': '{{tag}} verwenden',
  'decision.revert.title': 'Commit {{commit}} zurücknehmen',
  'decision.revert.text':
    'Schreibt die Werte von davor zurück, wo Git noch hat, was dieses Update schrieb. Wo die Policy einen anderen Tag wählen würde, bleibt der von davor, bis jemand das aufhebt.',
  'decision.revert.button': 'Zurücknehmen…',
  'decision.revert.label': 'Commit {{commit}} zurücknehmen',
  'decision.release.title': 'Aufheben',
  'decision.release.text':
    'Das würde jetzt geschrieben. Mit „Aufheben“ schreibst du nichts: die Automatik darf weitermachen, wenn sie nicht pausiert.',
  'decision.release.gone':
    'Worum es geht, ist gerade nicht da: es wird nichts geschrieben.',
  'decision.release.wide':
    'Die Automatik darf sofort wieder schreiben, wenn sie nicht pausiert.',
  'decision.release.confirm': 'Aufheben',
  'decision.release.skip': '{{tag}} überspringen und mit neueren weitermachen',
} as const;
