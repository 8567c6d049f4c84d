// The forms of import that the bundler adds.
/// <reference types="vite/client" />
