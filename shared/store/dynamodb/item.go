package dynamodb

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// item is what DynamoDB stores.
type item = map[string]types.AttributeValue

// gap stands between sort and key in a place. It sorts before every character
// that either may have.
const gap = "\x01"

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func textOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func keyOf(k store.Key) item { return item{"k": text(k.String())} }

// partition is a pN.
func partition(tenant, index, name string) string { return tenant + "/" + index + "/" + name }

// place is an sN.
func place(sort, key string) string { return sort + gap + key }

// cursor reads a place back.
func cursor(tenant, s string) (store.Cursor, error) {
	sort, key, ok := strings.Cut(s, gap)
	rest, mine := strings.CutPrefix(key, tenant+"/")
	kind, id, whole := strings.Cut(rest, "/")
	if !ok || !mine || !whole {
		return store.Cursor{}, fault.New(fault.Internal, "dynamodb: an index entry of another form")
	}
	return store.Cursor{Sort: sort, Key: store.Key{Tenant: tenant, Kind: kind, ID: id}}, nil
}

// away ends the version of a document whose body is in the object storage. It
// stands in no token.
const away = ".x"

// outside reports whether the body of a version is in the object storage.
func outside(version string) bool { return strings.HasSuffix(version, away) }

// bodyName is where it is.
func bodyName(tenant, version string) string {
	return tenant + "/document/" + version[:2] + "/" + version
}

// encode makes the item of a put under a new version.
func encode(op *store.Op, version string) item {
	it := keyOf(op.Key)
	it["v"] = text(version)
	switch {
	case outside(version):
		it["x"] = &types.AttributeValueMemberN{Value: strconv.Itoa(len(op.Body))}
	case len(op.Body) > 0:
		it["b"] = &types.AttributeValueMemberB{Value: op.Body}
	}
	for i, e := range spread(op.Index) {
		if e.Index == "" {
			continue
		}
		n := strconv.Itoa(i + 1)
		it["p"+n] = text(partition(op.Key.Tenant, e.Index, e.Partition))
		it["s"+n] = text(place(e.Sort, op.Key.String()))
	}
	return it
}

// homes are the names of index that are asked most: each has one of the five
// secondary indexes, numbered from 1, to itself in every document, so that a
// query by it asks that one alone. It is part of the form of a table: what was
// stored with other homes is not found.
var homes = map[string]int{"state": 1, "retention": 2, "time": 3, "conversation": 4, "owner": 5}

// spread puts entries into the five: each where its home is, the others, in the
// order of their names, where nobody else is at home.
func spread(entries []store.Entry) (at [store.MaxEntries]store.Entry) {
	var others []store.Entry
	for _, e := range entries {
		if n, ok := homes[e.Index]; ok {
			at[n-1] = e
		} else {
			others = append(others, e)
		}
	}
	slices.SortFunc(others, func(a, b store.Entry) int { return strings.Compare(a.Index, b.Index) })
	for i := range at {
		if at[i].Index == "" && len(others) > 0 {
			at[i], others = others[0], others[1:]
		}
	}
	return at
}

// asked are the numbers of the secondary indexes in which entries of an index
// may stand.
func asked(index string) []int {
	if n, ok := homes[index]; ok {
		return []int{n}
	}
	return []int{1, 2, 3, 4, 5}
}

// decode makes the document of an item without the body outside it, whose
// length it returns.
func decode(k store.Key, it item) (d store.Doc, away int, err error) {
	d = store.Doc{Key: k, Version: textOf(it["v"])}
	if len(it) == 0 {
		return d, 0, nil
	}
	if d.Version == "" {
		return d, 0, fault.New(fault.Internal, "dynamodb: the item of kind %s has no version", k.Kind)
	}
	if b, ok := it["b"].(*types.AttributeValueMemberB); ok {
		d.Body = b.Value
	}
	if x, ok := it["x"].(*types.AttributeValueMemberN); ok {
		if away, err = strconv.Atoi(x.Value); err != nil || !outside(d.Version) {
			return d, 0, fault.New(fault.Internal, "dynamodb: the item of kind %s has a damaged body", k.Kind)
		}
	}
	return d, away, nil
}

// abreast is how many objects are read or written at once.
const abreast = 8

// each calls do for 0 … n-1, some at once, and returns an error of the first
// that failed.
func each(n int, do func(i int) error) error {
	var wg sync.WaitGroup
	slots := make(chan struct{}, abreast)
	errs := make([]error, n)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = do(i)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// bodies fetches what lies outside. fault.NotFound: a document was replaced
// meanwhile.
func (s *Store) bodies(ctx context.Context, docs []store.Doc, away []int) error {
	var missing []int
	for i, n := range away {
		if n > 0 {
			missing = append(missing, i)
		}
	}
	if len(missing) > 0 && s.blobs == nil {
		return fault.New(fault.Internal, "dynamodb: a body is in an object storage that is not configured")
	}
	return each(len(missing), func(j int) error {
		i := missing[j]
		b, err := s.blobs.Get(ctx, bodyName(docs[i].Key.Tenant, docs[i].Version), int64(away[i]))
		if err == nil && len(b) != away[i] {
			err = fault.New(fault.Internal, "dynamodb: a body of %d bytes, want %d", len(b), away[i])
		}
		docs[i].Body = b
		return err
	})
}
