package breach_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/domain/breach"
)

// TestTheSieveNeverLosesAnEntry: whatever the tally would count of an entry, the
// sieve lets through while it is still JSON, also where text is escaped in it.
func TestTheSieveNeverLosesAnEntry(t *testing.T) {
	word := rapid.SampledFrom([]string{"a", "b", "adviser-7", "č", "<x>&", `q"uote`, "back\\slash", "line\nbreak", "\u2028", ""})
	set := rapid.SliceOfN(word, 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		e := breach.Seen{Actor: word.Draw(t, "actor"), Source: word.Draw(t, "source"), Act: word.Draw(t, "act"), Subject: "p"}
		for range rapid.IntRange(0, 2).Draw(t, "items") {
			e.Items = append(e.Items, breach.Item{Kind: word.Draw(t, "kind"), ID: word.Draw(t, "id")})
		}
		q := breach.Query{Actors: set.Draw(t, "actors"), Sources: set.Draw(t, "sources"), Acts: set.Draw(t, "acts"), Kinds: set.Draw(t, "kinds"), Records: set.Draw(t, "records")}
		tally := breach.NewTally(q, func(string, []string) []string { return nil })
		tally.Add(e)
		stored, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if tally.Matched == 1 && !q.Sieve()(stored) {
			t.Fatalf("%s is lost to %+v", stored, q)
		}
	})
}

func TestTheSieveSparesWhatCanNotMatch(t *testing.T) {
	const stored = `{"actor_id":"adviser-8","items":[{"kind":"message","id":"m1"}]}`
	for name, c := range map[string]struct {
		q    breach.Query
		want bool
	}{
		"another actor":                              {breach.Query{Actors: []string{"adviser-7"}}, false},
		"an actor whose id begins so":                {breach.Query{Actors: []string{"adviser-"}}, false},
		"the actor and another record":               {breach.Query{Actors: []string{"adviser-8"}, Records: []string{"m2"}}, false},
		"the actor and the record":                   {breach.Query{Actors: []string{"adviser-8"}, Records: []string{"m2", "m1"}}, true},
		"nothing but a span of time":                 {breach.Query{}, true},
		"more values than are looked for one by one": {breach.Query{Records: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.q.Sieve()([]byte(stored)); got != c.want {
				t.Errorf("%v", got)
			}
		})
	}
}
