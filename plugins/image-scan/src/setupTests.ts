import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// A machine that does much else at the same time renders slowly.
jest.setTimeout(60_000);
configure({ asyncUtilTimeout: 15_000 });
