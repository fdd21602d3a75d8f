import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.ReceivePack;
import org.eclipse.jgit.transport.RefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;

/**
 * Serves the repositories of a folder with JGit, the git of Gerrit and Bitbucket
 * Server. Debian's speaks no protocol 2.
 */
public class JGitServer {
  public static void main(String[] args) throws IOException {
    File folder = new File(args[0]);
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", exchange -> {
      try {
        answer(folder, exchange);
      } catch (Exception error) {
        byte[] words = String.valueOf(error.getMessage()).getBytes();
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        exchange.sendResponseHeaders(500, words.length);
        exchange.getResponseBody().write(words);
      } finally {
        exchange.close();
      }
    });
    server.start();
    System.out.println(server.getAddress().getPort());
  }

  private static void answer(File folder, HttpExchange exchange) throws Exception {
    String path = exchange.getRequestURI().getPath();
    boolean isLook = path.endsWith("/info/refs");
    String service = isLook
      ? exchange.getRequestURI().getQuery().replace("service=", "")
      : path.substring(path.lastIndexOf('/') + 1);
    String name = path.substring(0, path.lastIndexOf(isLook ? "/info/" : "/"));
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Repository repository = new FileRepository(new File(folder, name))) {
      if (isLook) {
        look(repository, service, answer);
      } else {
        serve(repository, service, bodyOf(exchange), answer);
      }
    }
    String kind = isLook ? "advertisement" : "result";
    exchange.getResponseHeaders().set("Content-Type", "application/x-" + service + "-" + kind);
    exchange.sendResponseHeaders(200, answer.size() == 0 ? -1 : answer.size());
    try (OutputStream out = exchange.getResponseBody()) {
      answer.writeTo(out);
    }
  }

  private static void look(Repository repository, String service, OutputStream out) throws Exception {
    PacketLineOut lines = new PacketLineOut(out);
    lines.writeString("# service=" + service + "\n");
    lines.end();
    RefAdvertiser advertiser = new RefAdvertiser.PacketLineOutRefAdvertiser(lines);
    if (service.equals("git-receive-pack")) {
      new ReceivePack(repository).sendAdvertisedRefs(advertiser);
    } else {
      UploadPack pack = new UploadPack(repository);
      pack.setBiDirectionalPipe(false);
      pack.sendAdvertisedRefs(advertiser);
    }
  }

  private static void serve(Repository repository, String service, InputStream in, OutputStream out)
    throws Exception {
    if (service.equals("git-receive-pack")) {
      ReceivePack pack = new ReceivePack(repository);
      pack.setBiDirectionalPipe(false);
      pack.receive(in, out, null);
    } else {
      UploadPack pack = new UploadPack(repository);
      pack.setBiDirectionalPipe(false);
      pack.upload(in, out, null);
    }
  }

  private static InputStream bodyOf(HttpExchange exchange) throws IOException {
    // Read to its end first: JGit skips to the end of a question without a `done`, and
    // the JDK's own stream of a body goes on into the connection then, for ever.
    InputStream body = new ByteArrayInputStream(exchange.getRequestBody().readAllBytes());
    String encoding = exchange.getRequestHeaders().getFirst("Content-Encoding");
    return "gzip".equals(encoding) ? new GZIPInputStream(body) : body;
  }
}
