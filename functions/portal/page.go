package portal

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

const (
	defaultLimit = 50
	maxLimit     = 100
	// maxOpened bounds a page whose items are opened: each may be of another
	// person, which costs a check and an entry in the same commit
	// (store.MaxOps).
	maxOpened = 50
	// maxHistory leaves room for the contact beside it.
	maxHistory = 45
)

// list is a page as it goes out. Withheld counts what stands in it and may not
// be shown: data of restricted persons, and what has been erased.
type list[T any] struct {
	Items    []T    `json:"items"`
	Withheld int    `json:"withheld,omitempty"`
	Next     string `json:"next,omitempty"`
}

// limit reads the parameter limit: 1 to 100, by default 50, and never more than
// most.
func (c *call) limit(most int) (int, error) {
	text := c.r.URL.Query().Get("limit")
	if text == "" {
		return min(defaultLimit, most), nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, newProblem("invalid", "limit must be a whole number from 1 to 100")
	}
	return min(n, most), nil
}

// descending reads the parameter order: asc or desc.
func (c *call) descending(standard bool) (bool, error) {
	switch c.r.URL.Query().Get("order") {
	case "":
		return standard, nil
	case "asc":
		return false, nil
	case "desc":
		return true, nil
	}
	return false, newProblem("invalid", `order must be "asc" or "desc"`)
}

// cursor puts the parameter cursor into a query, if it belongs there: a cursor
// is bound to tenant, list and order.
func (c *call) cursor(q store.Query) (store.Query, store.Cursor, error) {
	q.Tenant, q.Token = c.who.Tenant, c.r.URL.Query().Get("cursor")
	at, _, err := q.Cursor()
	if err != nil {
		return q, at, newProblem("bad_cursor", "")
	}
	return q, at, nil
}

// lanes are partitions of one index that are shown as one list, in order of
// sort and id. Name stands for all of them in cursors.
type lanes[T any] struct {
	kind       *record.Kind[T]
	index      string
	name       string
	partitions []string
	sort       func(*T) string
	desc       bool
}

// page reads one page of the lanes: clear parts only. A place in one lane is a
// place in each of them, since all are in the same order; so the cursor is the
// last item shown, whichever lane it stands in.
func (l lanes[T]) page(ctx context.Context, u *work.Unit, c *call, limit int) ([]*T, string, error) {
	whole, place, err := c.cursor(store.Query{Index: "all " + l.index, Partition: l.name, Desc: l.desc})
	if err != nil {
		return nil, "", err
	}
	var all []*T
	for _, p := range l.partitions {
		q := store.Query{Tenant: u.Tenant(), Index: l.index, Partition: p, Desc: l.desc, Limit: limit + 1}
		if whole.Token != "" {
			q.Token = q.After(place)
		}
		for n := 0; n <= limit; { // a page may be short and not be the last
			got, err := work.Scan(ctx, u, l.kind, q)
			if err != nil {
				return nil, "", err
			}
			all, n = append(all, got.Items...), n+len(got.Items)
			if q.Token = got.Next; q.Token == "" {
				break
			}
		}
	}
	slices.SortFunc(all, func(a, b *T) int {
		order := strings.Compare(l.sort(a), l.sort(b))
		if order == 0 {
			order = strings.Compare(l.kind.ID(a), l.kind.ID(b))
		}
		if l.desc {
			return -order
		}
		return order
	})
	if len(all) <= limit {
		return all, "", nil
	}
	last := all[limit-1]
	return all[:limit], whole.After(store.Cursor{Sort: l.sort(last), Key: l.kind.Key(u.Tenant(), l.kind.ID(last))}), nil
}

// open opens records by id, in their order, in one read. What may not be shown
// is counted, and its refusal noted.
func open[T any](ctx context.Context, u *work.Unit, k *record.Kind[T], ids []string) (opened []*T, withheld int, err error) {
	refs := make([]work.Ref, len(ids))
	for i, id := range ids {
		refs[i] = work.Of(k, id)
	}
	if err := u.Fetch(ctx, refs...); err != nil {
		return nil, 0, err
	}
	for _, id := range ids {
		rec, ok, err := work.Find(ctx, u, k, id)
		switch kind := fault.Of(err); {
		case kind == "" && ok:
			opened = append(opened, rec)
		case kind == "", kind == fault.Gone:
			withheld++
		case kind == fault.Forbidden:
			withheld++
			e := u.Note(audit.View, "", audit.Item{Kind: k.Name, ID: id})
			e.Result, e.Reason = audit.Refused, "restricted"
		default:
			return nil, 0, err
		}
	}
	return opened, withheld, nil
}

func idsOf[T any](k *record.Kind[T], recs []*T) []string {
	ids := make([]string, len(recs))
	for i, r := range recs {
		ids[i] = k.ID(r)
	}
	return ids
}

// group lists a record and everything merged into it, itself first, by clear
// parts only. At most conversation.MaxParts+1: merging sees to that.
func group[T any](ctx context.Context, u *work.Unit, k *record.Kind[T], id string, node func(*T) conversation.Node) ([]*T, error) {
	head, err := work.Peek(ctx, u, k, id)
	if err != nil {
		return nil, err
	}
	all, waiting := []*T{head}, *node(head).Parts
	for len(waiting) > 0 && len(all) <= conversation.MaxParts {
		next := waiting[:min(len(waiting), conversation.MaxParts+1-len(all))]
		refs := make([]work.Ref, len(next))
		for i, id := range next {
			refs[i] = work.Of(k, id)
		}
		if err := u.Fetch(ctx, refs...); err != nil {
			return nil, err
		}
		waiting = nil
		for _, id := range next {
			part, err := work.Peek(ctx, u, k, id)
			if fault.Is(err, fault.NotFound) { // deleted since, by its own retention
				continue
			}
			if err != nil {
				return nil, err
			}
			all, waiting = append(all, part), append(waiting, *node(part).Parts...)
		}
	}
	return all, nil
}
