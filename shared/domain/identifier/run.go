package identifier

// A run is digits in groups with separators between, as much of it as fits:
// "+386 (0)41 123-456" is four groups. It is read ahead once; the readings of
// its digits are then tried group by group.
type run struct {
	digits [runDigits]byte // ASCII, all groups in one row
	groups [runGroups]group
	n      int // groups in use
	size   int // digits in use
	end    int // offset where reading stopped
	more   bool
}

// reach is more digits than any kind spans from its first group on (card 19,
// phone with 00: 17 and a bracketed 0).
const reach = 20

const (
	runDigits = 256
	runGroups = 128
)

// group is digits in a row without a separator.
type group struct {
	start, end int // byte offsets
	first, n   int // index in digits, number of digits
	before     gap // what separates it from the group before
}

// load reads a run from the digit at i on. A group too long for any kind ends
// the run and is passed over.
func (r *run) load(text string, i, limit int) {
	r.n, r.size, r.more = 0, 0, false
	var before gap
	for {
		if r.n == runGroups || r.size+reach > runDigits {
			r.more, r.end = true, i
			return
		}
		g := group{start: i, first: r.size, before: before}
		for i < limit {
			c, size := digitAt(text, i)
			if size == 0 {
				break
			}
			if g.n < reach {
				r.digits[r.size+g.n] = c
			}
			g.n++
			i += size
		}
		r.end = i
		if g.n > reach {
			return
		}
		g.end = i
		r.groups[r.n] = g
		r.n++
		r.size += g.n
		next, ok := 0, false
		if before, next, ok = gapAt(text, i, limit); !ok || next >= limit {
			return
		}
		if _, size := digitAt(text, next); size == 0 {
			return
		}
		i = next
	}
}

// window is the view from one group on: which groups end after how many digits.
type window struct {
	*run
	g     int
	last  [reach + 1]int8 // group that completes so many digits, noGroup if none does
	total int             // digits from here to the end of the run, at most reach
}

const noGroup = -1

func (r *run) window(g int) (w window) {
	w.run, w.g = r, g
	for i := range w.last {
		w.last[i] = noGroup
	}
	for k := g; k < r.n; k++ {
		sum := w.total + r.groups[k].n
		if sum > reach {
			w.total = reach
			break
		}
		w.total = sum
		w.last[sum] = int8(k)
	}
	return w
}

// take answers the first n digits from the window's group on.
func (w *window) take(n int) []byte {
	first := w.groups[w.g].first
	return w.digits[first : first+n]
}

// completes answers the group that ends after exactly n digits.
func (w *window) completes(n int) (last int, ok bool) {
	if n > reach || w.last[n] == noGroup {
		return 0, false
	}
	return int(w.last[n]), true
}

// gaps answers all separators up to group last, and whether each gap is alike.
func (w *window) gaps(last int) (union gap, alike bool) {
	alike = true
	for k := w.g + 1; k <= last; k++ {
		b := w.groups[k].before
		union |= b
		alike = alike && b == w.groups[w.g+1].before
	}
	return union, alike
}

// date reports whether a calendar date stands at group g, in three groups with
// the same separator: 24.12.2026, 24/12/2026, 2026-12-24. (Written out, 24. 12.
// 2026, it is three runs.)
func (r *run) date(g int) bool {
	if g+2 >= r.n {
		return false
	}
	a, b, c := r.groups[g], r.groups[g+1], r.groups[g+2]
	if b.before != c.before || b.n > 2 {
		return false
	}
	if a.n == 4 {
		a, c = c, a
	}
	if a.n > 2 || c.n != 4 {
		return false
	}
	value := func(g group) int { return number(r.digits[g.first : g.first+g.n]) }
	year := value(c)
	return 1800 <= year && year < 2200 && realDate(year, value(b), value(a))
}
