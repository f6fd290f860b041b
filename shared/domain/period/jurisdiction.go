package period

import (
	"errors"
	"sync"
	"time"
	_ "time/tzdata" // the zones must exist in a bare container too
)

// ErrJurisdiction says that a jurisdiction is none of the closed set.
var ErrJurisdiction = errors.New("period: jurisdiction is neither SI nor SK")

// Jurisdiction names the Member State whose holidays and zone count.
type Jurisdiction string

const (
	// SI is Slovenia: zone Europe/Ljubljana, holidays by ZPDPD.
	SI Jurisdiction = "SI"
	// SK is Slovakia: zone Europe/Bratislava, holidays by Act 241/1993.
	SK Jurisdiction = "SK"
)

// Jurisdictions returns the closed set.
func Jurisdictions() []Jurisdiction { return []Jurisdiction{SI, SK} }

// Validate returns [ErrJurisdiction] unless j is SI or SK.
func (j Jurisdiction) Validate() error {
	if j != SI && j != SK {
		return ErrJurisdiction
	}
	return nil
}

// Zone returns the name of the time zone in the tz database.
func (j Jurisdiction) Zone() string {
	if j == SK {
		return "Europe/Bratislava"
	}
	return "Europe/Ljubljana"
}

// Location returns the loaded zone. The database is compiled in, so loading
// can't fail.
func (j Jurisdiction) Location() *time.Location {
	if j == SK {
		return bratislava()
	}
	return ljubljana()
}

var (
	ljubljana  = sync.OnceValue(func() *time.Location { return load(SI) })
	bratislava = sync.OnceValue(func() *time.Location { return load(SK) })
)

func load(j Jurisdiction) *time.Location {
	loc, err := time.LoadLocation(j.Zone())
	if err != nil {
		panic("period: " + j.Zone() + " is missing although time/tzdata is linked in")
	}
	return loc
}
