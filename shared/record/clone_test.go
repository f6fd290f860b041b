package record

import (
	"reflect"
	"testing"
	"time"
)

type inner struct {
	Text string
	Next *inner
}

type nested struct {
	ID    string
	At    time.Time
	One   *inner
	Many  []inner
	Named map[string][]string
	Pair  [2]*inner
	None  *inner
	Empty []string
	Raw   []byte
}

func nestedRecord() *nested {
	return &nested{
		ID: "1", At: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC), One: &inner{Text: "a", Next: &inner{Text: "b"}},
		Many: []inner{{Text: "c", Next: &inner{Text: "d"}}}, Named: map[string][]string{"e": {"f"}},
		Pair: [2]*inner{{Text: "g"}, nil}, Empty: []string{}, Raw: []byte("h"),
	}
}

func TestWhatIsDoneToACloneLeavesTheRecordAlone(t *testing.T) {
	s := &Shape{typ: reflect.TypeFor[nested]()}
	for name, change := range map[string]func(*nested){
		"a field":                       func(n *nested) { n.ID = "2" },
		"a time":                        func(n *nested) { n.At = n.At.Add(time.Second) },
		"behind a pointer":              func(n *nested) { n.One.Text = "x" },
		"behind two pointers":           func(n *nested) { n.One.Next.Text = "x" },
		"in a list":                     func(n *nested) { n.Many[0].Text = "x" },
		"behind a pointer in a list":    func(n *nested) { n.Many[0].Next.Text = "x" },
		"a key of a map":                func(n *nested) { n.Named["x"] = nil },
		"in a list in a map":            func(n *nested) { n.Named["e"][0] = "x" },
		"behind a pointer in an array":  func(n *nested) { n.Pair[0].Text = "x" },
		"a longer list":                 func(n *nested) { n.Many = append(n.Many[:0], inner{Text: "x"}) },
		"a pointer to something else":   func(n *nested) { n.None = n.One },
		"bytes that are others, whole":  func(n *nested) { n.Raw = []byte("x") },
		"an empty list that gets a bit": func(n *nested) { n.Empty = append(n.Empty, "x") },
	} {
		t.Run(name, func(t *testing.T) {
			rec := nestedRecord()
			c := s.Clone(rec).(*nested)
			if !reflect.DeepEqual(c, rec) {
				t.Fatalf("the clone is %+v", c)
			}
			if change(c); !reflect.DeepEqual(rec, nestedRecord()) {
				t.Errorf("the record became %+v", rec)
			}
			if reflect.DeepEqual(c, rec) {
				t.Error("the change is not in the clone")
			}
		})
	}
}
