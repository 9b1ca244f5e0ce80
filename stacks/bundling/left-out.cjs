// Stands in a bundle for a module of which nothing is ever called there: see plugin.ts for which and why. As
// CommonJS it lets every name be imported.
module.exports = {}
