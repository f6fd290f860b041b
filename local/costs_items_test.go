package main

import (
	"fmt"
	"strings"

	dynamo "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// action is an item of a write as Amazon prices it by its pages: in a
// transaction two write units for each KB begun of the item, before or after,
// whichever is larger (a condition alone: two), outside one; and one for each
// entry of a secondary index that comes or goes, so two for one that moves.
// DynamoDB Local answers with other figures for the same calls, twice as many for
// most; the page gives both.
type action struct {
	act, kind      string
	units, entries int
}

func (a action) String() string {
	return fmt.Sprintf("%s %s %d+%d", a.act, a.kind, a.units, a.entries)
}

// lastSeen is an item as the meter saw it last.
type lastSeen struct {
	kb      int
	entries map[string]string // attribute of an index -> value
}

// priced adds what a write's items take. The caller holds the lock.
func (s *counter) priced(in any) {
	switch in := in.(type) {
	case *dynamo.TransactWriteItemsInput:
		for _, t := range in.TransactItems {
			switch {
			case t.Put != nil:
				s.put("put", t.Put.Item, 2)
			case t.Delete != nil:
				s.put("delete", t.Delete.Key, 2)
			default:
				s.actions = append(s.actions, action{"check", kindOf(t.ConditionCheck.Key), 2, 0})
			}
		}
	case *dynamo.DeleteItemInput:
		s.put("delete", in.Key, 1)
	}
}

func (s *counter) put(act string, it map[string]dynamotypes.AttributeValue, each int) {
	key := it["k"].(*dynamotypes.AttributeValueMemberS).Value
	before := s.seen[key]
	after := lastSeen{entries: map[string]string{}}
	if act == "put" {
		size := 0
		for name, v := range it {
			size += len(name)
			switch v := v.(type) {
			case *dynamotypes.AttributeValueMemberS:
				size += len(v.Value)
				if n, ok := strings.CutPrefix(name, "p"); ok {
					after.entries[n] = v.Value + " " + textAt(it, "s"+n)
				}
			case *dynamotypes.AttributeValueMemberB:
				size += len(v.Value)
			}
		}
		after.kb = (size + 1023) / 1024
	}
	a := action{act: act, kind: kindOf(it), units: each * max(1, before.kb, after.kb)}
	for n, v := range after.entries {
		if before.entries[n] != v {
			a.entries++
		}
	}
	for n, v := range before.entries {
		if after.entries[n] != v {
			a.entries++
		}
	}
	s.seen[key] = after
	s.actions = append(s.actions, a)
}

func textAt(it map[string]dynamotypes.AttributeValue, name string) string {
	v, _ := it[name].(*dynamotypes.AttributeValueMemberS)
	if v == nil {
		return ""
	}
	return v.Value
}

// kindOf is the kind of record that an item holds.
func kindOf(it map[string]dynamotypes.AttributeValue) string {
	return strings.Split(textAt(it, "k"), "/")[1]
}

// listed is a table row of actions and their sum.
func listed(what string, actions []action) string {
	sum := 0
	var b strings.Builder
	for i, a := range actions {
		sum += a.units + a.entries
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.String())
	}
	return fmt.Sprintf("| %s | %d | %s |\n", what, sum, b.String())
}
