package main

import (
	"flag"
	"maps"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/host"
)

var update = flag.Bool("update", false, "write what the scenarios printed into their goldens")

// TestScenarios plays testdata/scenarios/*.txtar: whole flows over HTTP alone, on
// a manual clock, with sending against servers of ours. `go test ./local -run
// TestScenarios/NAME` plays one; -update rewrites the files that cmp compares.
// The language is testscript's, and these commands:
//
//	set NAME=VALUE             sets a variable of the process, for what starts from here on
//	start TIME [NAME]          starts a system with the clock at TIME, RFC 3339; $DATA and $KEYS are
//	                           its folders, $URL is where it listens
//	in NAME                    turns to another of the systems
//	peers A B TENANT X Y TYPES makes A and B peers of each other, as X and Y, for those event types
//	tenant NAME                whose webhooks and tokens are meant from here on (ekc)
//	at TIME, pass DURATION     moves the clocks through every instant at which something falls due
//	restart                    ends the process, if it was not shut, and starts it anew on its data
//	shut                       ends it, for verbs that want the data alone
//	message PROVIDER ID FROM TEXT [SUBJECT]
//	                           a person writes; whatsapp/meta, email/mime, sms/twilio,
//	                           viber/viber or livechat/standard, signed as the provider signs
//	[!] deliver PROVIDER FILE  a payload as it stands in FILE, with $variables
//	sent ADDRESS               prints what went out to an address since it was last asked;
//	                           with ! nothing did
//	log CLASS                  prints what came to the processing log since it was last asked, once it is
//	                           sealed: role, act, kinds and fields, sorted
//	mood MOOD [STATUS]         what the providers do with the next call: refuses 503, drops, mute …
//	as ROLE [SUBJECT]          who calls from here on; nobody calls without a token
//	[!] GET PATH               prints the answer; with ! it must be an error
//	[!] POST PATH [FIELDS]     likewise PUT, PATCH and DELETE, and waits for what follows from it.
//	                           FIELDS are key=text, key:=json, a.b=text, or a FILE of JSON with $variables
//	status CODE [TEXT]         what the last call was answered, and a text in its body
//	take NAME PATH             keeps a value of the last answer as $NAME; PATH is .items.0.id
//	[!] want PATH VALUE        compares one; [!] want PATH means that it is there and not empty
//	count PATH N               how long a list is
//	clock NAME TIME LAW        a limit about $id ends then, under a clause
//	okence ARGS                the command itself, built once
//	pick NAME ADDRESS REGEXP   keeps the first group of REGEXP in the newest text to ADDRESS
//	[!] fetch LINK CODE FILE   whoever has a link and its code fetches a package, without a token
//	keep FILE                  the last answer as a file
//	[!] archive FILE           checks a package offline, and its entries of the log; prints package.json
//	[!] holds FILE TEXT…       searches a package, in every encoding
//	garble FILE NAME OUT       a package with one byte of one file changed
func TestScenarios(t *testing.T) {
	testscript.RunT(inTurn{t}, testscript.Params{
		Dir:                "testdata/scenarios",
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			t := e.T().(inTurn).T
			e.Values[stageKey{}] = newStage(t)
			return nil
		},
		Cmds: commands(),
	})
}

// inTurn plays scenarios one after the other: their systems read the environment
// of the process.
type inTurn struct{ *testing.T }

func (inTurn) Parallel() {}

func (t inTurn) Run(name string, f func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { f(inTurn{t}) })
}

func (inTurn) Verbose() bool { return testing.Verbose() }

// stage is where one scenario is played.
type stage struct {
	t       *testing.T
	worlds  map[string]*world
	order   []string // as they were started
	on      string   // the one that is turned to
	tenant  string
	role    string
	subject string
	last    reply
	fake    *channeltest.Fake
	mails   *channeltest.MailServer
	asked   map[string]int // how much of what went to an address was printed
	sends   int
	left    time.Time // when a system was last shut
}

type stageKey struct{}

func newStage(t *testing.T) *stage {
	s := &stage{t: t, worlds: map[string]*world{}, tenant: "ekc", role: "adviser", subject: "adviser-1", asked: map[string]int{}}
	s.fake = channeltest.NewFake(t, s.takes)
	s.mails = channeltest.NewMailServer(t)
	t.Setenv("OKENCE_SEND_TO", s.fake.Addr())
	return s
}

// stageOf is the stage of a script.
func stageOf(ts *testscript.TestScript) *stage { return ts.Value(stageKey{}).(*stage) }

// world is the system that is turned to.
func (s *stage) world(ts *testscript.TestScript) *world {
	w := s.worlds[s.on]
	if w == nil {
		ts.Fatalf("no system yet: start TIME")
	}
	return w
}

// start starts a system with every account able to send.
func (s *stage) start(ts *testscript.TestScript, at time.Time, name string) {
	if s.worlds[name] != nil {
		ts.Fatalf("system %q runs already", name)
	}
	w := &world{t: s.t, data: newData(s.t), logs: &logs{}}
	w.keys = w.data + ".keys"
	s.worlds[name], s.on = w, name
	s.order = append(s.order, name)
	s.open(w, at)
	s.t.Cleanup(w.shut)
	s.name(ts)
}

// name gives the script the places of the system that is turned to.
func (s *stage) name(ts *testscript.TestScript) {
	w := s.world(ts)
	ts.Setenv("DATA", w.data)
	ts.Setenv("KEYS", w.keys)
	ts.Setenv("URL", w.base)
}

// open opens a system's data, and gives its accounts what sending needs.
func (s *stage) open(w *world, at time.Time) {
	w.open(at)
	mail := channel.Secret{"smtp_host": s.mails.Host, "smtp_port": s.mails.Port, "smtp_tls": "none", "from": "ekc@gov.si"}
	for _, tenant := range w.env.Settings.Tenants {
		for provider, secret := range sendingSecrets {
			maps.Copy(w.secrets.all[host.SecretVariable(tenant, named(s.t, provider).Name())], secret)
		}
		maps.Copy(w.secrets.all[host.SecretVariable(tenant, named(s.t, "email/mime").Name())], mail)
	}
}

// move moves all clocks to an instant together, and lets what the systems ask of
// each other happen on the way: a peer's signature holds for five minutes.
func (s *stage) move(ts *testscript.TestScript, to time.Time) {
	s.settle()
	for at := (time.Time{}); !at.Equal(to); {
		at = to
		for _, w := range s.running() {
			next, err := w.local.NextStep(s.t.Context())
			ts.Check(err)
			if !next.IsZero() && next.Before(at) {
				at = next
			}
		}
		for _, w := range s.running() {
			ts.Check(w.local.Advance(s.t.Context(), at, w.clock.set))
		}
		s.settle()
	}
}

// running are the systems that aren't stopped, as they were started.
func (s *stage) running() (all []*world) {
	for _, name := range s.order {
		if w := s.worlds[name]; w.system != nil {
			all = append(all, w)
		}
	}
	return all
}

// settle waits until none of the systems has anything under way: what one asks of
// another comes back in a few rounds.
func (s *stage) settle() {
	all := s.running()
	for range 1 + 5*(len(all)-min(1, len(all))) {
		for _, w := range all {
			w.idle()
		}
	}
}
