package ledger

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/audit"
)

// Statement is what the log says about itself, in the open, in a leaf of its
// own. Its text is a verb and name=value pairs.
//
//	withheld log=1 leaves=0-79,85 kept_until=2027-11-24T00:00:00Z
//	lost log=1 leaves=90-92
//	continues origin=okence.org/ekc size=90210 root=… here=90000
//	certified sweep=… sha256=…
type Statement struct {
	Verb   Verb
	Log    int       // generation of the log whose leaves are meant
	Leaves ranges    // whose entries are gone
	Until  time.Time // withheld: when the term of the last of them ended, UTC

	Origin string // continues: the log before
	Size   int64  // its size by the newest checkpoint known
	Root   string
	Here   int64 // leaves of it that this store still has; the gap is from here to Size

	Sweep  string // certified: id of the sweep
	SHA256 string // of the certificate's body, hex
}

// Verb says what a statement is about. The set is closed.
type Verb string

const (
	StatesWithheld  Verb = "withheld"  // entries were deleted after their retention
	StatesLost      Verb = "lost"      // a restored backup of the data lacks entries
	StatesContinues Verb = "continues" // this log goes on where another had to end
	StatesCertified Verb = "certified" // a retention sweep did what its certificate says
)

func (s Statement) String() string {
	switch s.Verb {
	case StatesWithheld:
		return fmt.Sprintf("%s log=%d leaves=%s kept_until=%s", s.Verb, s.Log, s.Leaves, s.Until.UTC().Format(time.RFC3339))
	case StatesContinues:
		return fmt.Sprintf("%s origin=%s size=%d root=%s here=%d", s.Verb, s.Origin, s.Size, s.Root, s.Here)
	case StatesCertified:
		return fmt.Sprintf("%s sweep=%s sha256=%s", s.Verb, s.Sweep, s.SHA256)
	}
	return fmt.Sprintf("%s log=%d leaves=%s", s.Verb, s.Log, s.Leaves)
}

// ParseStatement reads the text of a statement leaf. What it can't read stays
// empty: then the statement explains nothing.
func ParseStatement(text string) Statement {
	var s Statement
	for i, w := range strings.Fields(text) {
		if i == 0 {
			s.Verb = Verb(w)
			continue
		}
		name, value, _ := strings.Cut(w, "=")
		switch name {
		case "log":
			s.Log, _ = strconv.Atoi(value)
		case "leaves":
			s.Leaves = parseRanges(value)
		case "kept_until":
			s.Until, _ = time.Parse(time.RFC3339, value)
		case "origin":
			s.Origin = value
		case "size":
			s.Size, _ = strconv.ParseInt(value, 10, 64)
		case "root":
			s.Root = value
		case "sweep":
			s.Sweep = value
		case "sha256":
			s.SHA256 = value
		case "here":
			s.Here, _ = strconv.ParseInt(value, 10, 64)
		}
	}
	return s
}

func statementLeaf(at time.Time, class audit.Class, s Statement) Leaf {
	return Leaf{Kind: StatementLeaf, At: at.UTC(), Class: class, Text: s.String()}
}

// stated takes note of a statement in a log.
func (c *check) stated(in *generation, l Leaf) {
	s := ParseStatement(l.Text)
	r := in.report
	if s.Verb == StatesWithheld || s.Verb == StatesLost {
		of := c.log(s.Log)
		for _, x := range s.Leaves {
			addRange(of.stated, l.Class, x)
			if s.Verb == StatesLost {
				addRange(of.lost, l.Class, x)
			}
		}
		if s.Until.After(of.until[l.Class]) {
			of.until[l.Class] = s.Until
		}
		if s.Verb == StatesWithheld {
			return
		}
	}
	r.Statements = append(r.Statements, l.At.Format(time.RFC3339)+" "+l.Text)
	if len(r.Statements) > maxShown {
		r.Statements = r.Statements[1:]
	}
}
