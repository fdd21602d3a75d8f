export { PolicyTester } from './PolicyTester';
