/** The value with a few of its parts replaced, dropped or doubled; texts that hold JSON are disordered inside too. */
export const disorder = (value: unknown, random: () => number, strange: readonly unknown[]): unknown => {
  const any = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  if (random() < 0.15) return any(strange)
  if (Array.isArray(value)) {
    const items = value.map((item) => disorder(item, random, strange))
    return random() < 0.2 ? [...items, ...items, any(strange)] : items
  }
  if (typeof value === 'string' && /^[[{][^%]/.test(value) && random() < 0.6)
    return JSON.stringify(disorder(JSON.parse(value), random, strange))
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value)
    .filter(() => random() > 0.1)
    .map(([name, inner]) => [name, disorder(inner, random, strange)])
  return Object.fromEntries(
    random() < 0.1 ? [...fields, [any(['x', '__proto__', '']), any(strange)]] : fields,
  )
}
