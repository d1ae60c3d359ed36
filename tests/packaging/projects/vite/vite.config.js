// The worker is one more entry: nothing that the page imports is in it, so it needs no chunk and stays a classic script.
export default {
  build: {
    outDir: 'out',
    rollupOptions: {
      input: { index: 'index.html', worker: 'worker.js' },
      output: { entryFileNames: ({ name }) => (name === 'worker' ? 'worker.js' : 'assets/[name]-[hash].js') },
    },
  },
};
