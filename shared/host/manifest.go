package host

//go:generate go run ./wire -root ../..

import (
	"time"

	"github.com/okence/okence/shared/access"
)

// Manifest is what a function declares of itself in functions/NAME/function.yaml.
// Everything that wires it is generated from there (go generate ./shared/host):
// this value, its main, the local wiring, Knative manifests, and the map in the
// README.
type Manifest struct {
	Name      string        // folder, deployable, identity, log field: the same word everywhere
	Title     string        // one sentence
	Use       access.Use    // the purpose for which its handlers touch personal data
	Timeout   time.Duration // of one event or request
	Consumes  []Consumed
	Emits     []string // event types
	Routes    []string // HTTP route patterns, as net/http writes them
	Public    bool     // whether its routes face the internet
	Schedules []Schedule
	Settings  []Setting
	Keeps     []string // kinds of record that it writes
	Reads     []string // kinds of record that it only reads
}

// Consumed is an event type that a function handles.
type Consumed struct {
	Type   string
	Inline bool // may run within the unit that emits it, where both live in one process
}

// Schedule is an event that a scheduler sends the function.
type Schedule struct {
	Type  string
	Every time.Duration
}

// Setting is an environment variable that the function reads.
type Setting struct {
	Name     string
	Default  string
	Required bool
	Text     string
}
