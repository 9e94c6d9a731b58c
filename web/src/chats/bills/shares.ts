/** Who owes how much of what one paid. Whole minor units; what cannot be divided stays with whoever paid. */

export interface Shares {
	/** By person, of those who are asked. */
	asked: Map<string, number>;
	/** What stays one's own. */
	own: number;
	/** The asked shares are more than the whole, by so much. */
	over: number;
}

/**
 * Divide a total. `fixed` are the shares that somebody typed; the rest is divided equally among the others, and oneself
 * when `mine`: one's own share then takes the units that are left over.
 */
export function divide(total: number, people: readonly string[], fixed: ReadonlyMap<string, number>, mine: boolean): Shares {
	const free = people.filter((person) => !fixed.has(person));
	const taken = people.reduce((sum, person) => sum + (fixed.get(person) ?? 0), 0);
	const rest = Math.max(0, total - taken);
	const heads = free.length + (mine ? 1 : 0);
	const each = heads ? Math.floor(rest / heads) : 0;
	// Without a share of one's own the first few pay a unit more: else the whole would not come together.
	let units = mine ? 0 : rest - each * free.length;
	const asked = new Map<string, number>();
	for (const person of people) {
		const typed = fixed.get(person);
		if (typed !== undefined) {
			asked.set(person, typed);
		} else {
			asked.set(person, each + (units > 0 ? 1 : 0));
			units -= 1;
		}
	}
	const sum = [...asked.values()].reduce((all, share) => all + share, 0);
	return { asked, own: Math.max(0, total - sum), over: Math.max(0, sum - total) };
}
