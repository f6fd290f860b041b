package dynamodb

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/store"
)

// run is what one of the secondary indexes answered: places in order, and
// whether more follow the last.
type run struct {
	places []string
	more   bool
	err    error
}

// Query implements store.Store.
func (s *Store) Query(ctx context.Context, q store.Query) (store.Page, error) {
	limit, err := store.CheckQuery(q)
	if err != nil {
		return store.Page{}, err
	}
	after, ok, err := q.Cursor()
	if err != nil {
		return store.Page{}, err
	}
	c, done, err := s.begin(ctx)
	if err != nil {
		return store.Page{}, err
	}
	defer done()
	seen := ""
	if ok {
		seen = place(after.Sort, after.Key.String())
	}
	low, high := bounds(q, seen)
	if high != "" && low >= high {
		return store.Page{}, nil
	}
	places, more, err := s.places(ctx, c, q, low, high, seen, limit)
	if err != nil {
		return store.Page{}, err
	}
	return s.page(ctx, c, q, places, more)
}

// bounds are the least and the greatest place asked for; "" is no upper bound.
// No place is equal to a bound but seen, the place that was seen last.
func bounds(q store.Query, seen string) (low, high string) {
	low, high = q.From+gap, q.To
	if q.From == "" {
		low = gap
	}
	if seen != "" && q.Desc && (high == "" || seen < high) {
		high = seen
	}
	if seen != "" && !q.Desc && seen > low {
		low = seen
	}
	return low, high
}

// places asks the indexes in which there may be some, at once, and merges what
// they say: at most limit places, and whether more follow.
func (s *Store) places(ctx context.Context, c *dynamodb.Client, q store.Query, low, high, seen string, limit int) ([]string, bool, error) {
	numbers := asked(q.Index)
	runs := make([]run, len(numbers))
	var wg sync.WaitGroup
	for i, n := range numbers {
		wg.Go(func() { runs[i] = s.run(ctx, c, n, q, low, high, seen, limit) })
	}
	wg.Wait()
	for _, r := range runs {
		if r.err != nil {
			return nil, false, r.err
		}
	}
	places, more := merge(runs, q.Desc, limit)
	return places, more, nil
}

// merge puts runs into one: at most limit places, and whether more follow. An
// index that has more than it answered bounds the others: behind its last place
// it may have some that belong before theirs.
func merge(runs []run, desc bool, limit int) (all []string, more bool) {
	order := strings.Compare
	if desc {
		order = func(a, b string) int { return strings.Compare(b, a) }
	}
	end := ""
	for _, r := range runs {
		all = append(all, r.places...)
		if r.more {
			if last := r.places[len(r.places)-1]; !more || order(last, end) < 0 {
				end = last
			}
			more = true
		}
	}
	slices.SortFunc(all, order)
	all = slices.Compact(all) // one that is moving from an index to another may be in both
	if more {
		all = all[:sortedUpTo(all, end, order)]
	}
	if len(all) > limit {
		return all[:limit], true
	}
	return all, more
}

// sortedUpTo is the number of places that are not behind end.
func sortedUpTo(all []string, end string, order func(a, b string) int) int {
	n, found := slices.BinarySearchFunc(all, end, order)
	if found {
		n++
	}
	return n
}

// run asks one index.
func (s *Store) run(ctx context.Context, c *dynamodb.Client, n int, q store.Query, low, high, seen string, limit int) (r run) {
	name := strconv.Itoa(n)
	cond, values := "p"+name+" = :p AND s"+name+" >= :low", item{":p": text(partition(q.Tenant, q.Index, q.Partition)), ":low": text(low)}
	if high != "" {
		cond = "p" + name + " = :p AND s" + name + " BETWEEN :low AND :high"
		values[":high"] = text(high)
	}
	in := &dynamodb.QueryInput{
		TableName: &s.table, IndexName: aws.String("by" + name), KeyConditionExpression: &cond, ExpressionAttributeValues: values,
		ScanIndexForward: aws.Bool(!q.Desc), Limit: aws.Int32(int32(limit + 2)), // one is seen, one tells that more follow
	}
	for {
		out, err := c.Query(ctx, in)
		if err != nil {
			return run{err: amazon.Fault(service, err)}
		}
		for _, it := range out.Items {
			if p := textOf(it["s"+name]); p != seen {
				r.places = append(r.places, p)
			}
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(out.LastEvaluatedKey) == 0 {
			return r
		}
		if len(r.places) > 0 {
			r.more = true
			return r
		}
	}
}

// page reads the documents of places and leaves out those that have left them.
func (s *Store) page(ctx context.Context, c *dynamodb.Client, q store.Query, places []string, more bool) (page store.Page, err error) {
	keys, at := make([]store.Key, len(places)), make([]store.Cursor, len(places))
	for i, p := range places {
		if at[i], err = cursor(q.Tenant, p); err != nil {
			return store.Page{}, err
		}
		keys[i] = at[i].Key
	}
	if more {
		page.Next = q.After(at[len(at)-1])
	}
	distinct, index := unique(keys)
	stays := make([]item, len(distinct))
	docs, err := s.whole(ctx, distinct, func() ([]item, error) {
		items, err := s.batch(ctx, c, distinct)
		copy(stays, items)
		return items, err
	})
	if err != nil {
		return store.Page{}, err
	}
	in := partition(q.Tenant, q.Index, q.Partition)
	for i, p := range places {
		j := index[i]
		if docs[j].Exists() && stands(stays[j], in, p) {
			page.Docs = append(page.Docs, docs[j])
		}
	}
	return page, nil
}

// unique returns the distinct keys, and where each key is among them. A lagging
// index may name a document twice.
func unique(keys []store.Key) (distinct []store.Key, index []int) {
	at := map[store.Key]int{}
	for _, k := range keys {
		if _, ok := at[k]; !ok {
			at[k] = len(distinct)
			distinct = append(distinct, k)
		}
		index = append(index, at[k])
	}
	return distinct, index
}

// stands reports whether an item has an entry at a place.
func stands(it item, partition, place string) bool {
	for n := 1; n <= store.MaxEntries; n++ {
		i := strconv.Itoa(n)
		if textOf(it["p"+i]) == partition && textOf(it["s"+i]) == place {
			return true
		}
	}
	return false
}
