#!/bin/sh
# Biome's formatter moves the parentheses of a JSDoc cast to another expression.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true, "type": "module"}' > package.json
npm install --silent --ignore-scripts @biomejs/biome@2.6.8 typescript@7.0.2
npx biome --version
echo "TypeScript: $(npx tsc --version)"
cat > width.js <<'PROGRAM'
/** @param {string} letter */
export function width(letter) {
  return 10 * (/** @type {number} */ (letter.codePointAt(0)) > 255 ? 2 : 1);
}
PROGRAM
check() { npx tsc --allowJs --checkJs --strict --noEmit width.js; }
echo "as written:"
grep return width.js
check
npx biome format --write --indent-style=space width.js > biome.log 2>&1 || { cat biome.log; exit 1; }
echo "as Biome formats it:"
grep return width.js
if check; then
    echo "the cast is not moved any more"
    exit 1
fi
grep --quiet 'number} \*/ ((letter.codePointAt(0)) > 255' width.js
