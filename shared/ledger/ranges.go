package ledger

import (
	"slices"
	"strconv"
	"strings"

	"github.com/okence/okence/shared/domain/audit"
)

// span is the numbers from <= n < to.
type span struct{ from, to int64 }

// ranges is a set of numbers, as spans in order that don't touch.
type ranges []span

// add puts a span into the set. Spans that come in order cost nothing but the
// last.
func (r *ranges) add(x span) {
	set := *r
	i, _ := slices.BinarySearchFunc(set, x.from, func(s span, from int64) int {
		if s.to < from {
			return -1
		}
		return 1
	})
	j := i
	for j < len(set) && set[j].from <= x.to {
		x.from, x.to = min(x.from, set[j].from), max(x.to, set[j].to)
		j++
	}
	*r = slices.Replace(set, i, j, x)
}

func (r ranges) count() (n int64) {
	for _, s := range r {
		n += s.to - s.from
	}
	return n
}

// without is what is in r and not in other, which may be nil.
func (r *ranges) without(other *ranges) (out ranges) {
	var minus ranges
	if other != nil {
		minus = *other
	}
	j := 0
	for _, s := range *r {
		for j < len(minus) && minus[j].to <= s.from {
			j++
		}
		for k := j; k < len(minus) && minus[k].from < s.to; k++ {
			if minus[k].from > s.from {
				out = append(out, span{s.from, minus[k].from})
			}
			s.from = minus[k].to
		}
		if s.from < s.to {
			out = append(out, s)
		}
	}
	return out
}

// String is "0-79,85": both ends are in.
func (r ranges) String() string {
	var b strings.Builder
	for i, s := range r {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(itoa(s.from))
		if s.to > s.from+1 {
			b.WriteString("-" + itoa(s.to-1))
		}
	}
	return b.String()
}

// parseRanges reads what String wrote; anything else is the empty set.
func parseRanges(text string) (r ranges) {
	for part := range strings.SplitSeq(text, ",") {
		first, last, pair := strings.Cut(part, "-")
		if !pair {
			last = first
		}
		from, err := strconv.ParseInt(first, 10, 62)
		to, err2 := strconv.ParseInt(last, 10, 62)
		if err != nil || err2 != nil || from < 0 || to < from {
			return nil
		}
		r.add(span{from, to + 1})
	}
	if r.String() != text {
		return nil
	}
	return r
}

func addRange(to map[audit.Class]*ranges, class audit.Class, x span) {
	if to[class] == nil {
		to[class] = new(ranges)
	}
	to[class].add(x)
}

func add(to map[audit.Class]*ranges, class audit.Class, n int64) { addRange(to, class, span{n, n + 1}) }
