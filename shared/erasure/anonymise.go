package erasure

import (
	"reflect"
	"strings"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
)

// Generic is one generic term for each kind of datum (K17), by the pack.
type Generic map[policy.Field]string

// GenericOf is what a pack says.
func GenericOf(t *policy.Terms) Generic { return t.Anonymisation.Generic }

// byCategory is the term for a field that the pack does not name, by its
// category; the first that the pack has.
var byCategory = map[record.Category][]policy.Field{
	record.Identity:   {policy.Name},
	record.Address:    {policy.Address, policy.EmailAddress, policy.Phone},
	record.Content:    {policy.FreeText, policy.Details},
	record.Place:      {policy.Address},
	record.Identifier: {policy.TaxNumber, policy.EMSO},
	record.Activity:   {policy.LogCreatedBy, policy.FreeText},
	record.Credential: {policy.FreeText},
	record.Health:     {policy.FreeText},
}

// removed stands where the pack has no term at all.
const removed = "—"

// Term is the generic term for a field: by its name as the pack has it
// ("TreatedEmail" is treated_email), else by its category.
func (g Generic) Term(f record.Field) string {
	if t := g[policy.Field(snake(f.Name))]; t != "" {
		return t
	}
	for _, field := range byCategory[f.Category] {
		if t := g[field]; t != "" {
			return t
		}
	}
	return removed
}

func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// Anonymous replaces one person's fields in a record, in place: each text by the
// generic term of its kind, also where it was empty, so that nothing tells that
// it was; everything else personal, files too, by nothing. Owner fields that name
// the person name retention.Anonymous, and links to other records go, unless
// they are another person's who is in it too. What is technical stays: numbers, times, counts, labour cost (K17). It reports whether
// the person was in it.
func Anonymous(shape *record.Shape, rec any, subject string, g Generic) bool {
	v := reflect.ValueOf(rec).Elem()
	mine := map[string]bool{} // owner expressions that lead to the person
	for _, f := range shape.Fields {
		if name, ok := strings.CutPrefix(f.Owner, "."); ok && f.Personal && v.FieldByName(name).String() == subject {
			mine[f.Owner] = true
		}
	}
	if len(mine) == 0 || subject == "" || subject == retention.Anonymous {
		return false
	}
	for _, f := range shape.Fields {
		field := v.FieldByName(f.Name)
		switch {
		case f.Personal && mine[f.Owner] && !f.File && field.Type() == reflect.TypeFor[string]():
			field.SetString(g.Term(f))
		case f.Personal && mine[f.Owner], f.Link && (f.Owner == "" || mine[f.Owner]):
			field.SetZero()
		}
	}
	for owner := range mine {
		v.FieldByName(owner[1:]).SetString(retention.Anonymous)
	}
	return true
}
