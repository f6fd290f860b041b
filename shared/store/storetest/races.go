package storetest

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

func testOneWinner(t *testing.T, s *suite) {
	for round := range 5 {
		id := fmt.Sprintf("r%d", round)
		var won atomic.Int32
		var winner atomic.Value
		var all sync.WaitGroup
		start := make(chan struct{})
		for i := range 50 {
			all.Go(func() {
				<-start
				me := strconv.Itoa(i)
				create := s.put(id, me)
				create.Expect = store.Absent()
				switch err := s.Commit(ctx(), s.put(id+"-"+me, me), create); fault.Of(err) {
				case "":
					won.Add(1)
					winner.Store(me)
				case fault.Conflict:
					if s.get(t, id+"-"+me).Exists() {
						t.Error("a document of a loser is there")
					}
				default:
					t.Errorf("commit: %v", err)
				}
			})
		}
		close(start)
		all.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d winners", won.Load())
		}
		if got := string(s.get(t, id).Body); got != winner.Load() {
			t.Errorf("%s won and %s is stored", winner.Load(), got)
		}
	}
}

// testIncrements adds 1 to a counter from many goroutines, each retrying on
// conflict with a fresh read.
func testIncrements(t *testing.T, s *suite) {
	const adders, each = 8, 25
	s.must(t, s.put("n", "0"))
	var all sync.WaitGroup
	for range adders {
		all.Go(func() {
			for range each {
				for {
					docs, err := s.Get(ctx(), s.key("n"))
					if err != nil {
						t.Errorf("get: %v", err)
						return
					}
					n, _ := strconv.Atoi(string(docs[0].Body))
					op := s.put("n", strconv.Itoa(n+1))
					op.Expect = store.At(docs[0].Version)
					if err = s.Commit(ctx(), op); err == nil {
						break
					}
					if !fault.Is(err, fault.Conflict) {
						t.Errorf("commit: %v", err)
						return
					}
				}
			}
		})
	}
	all.Wait()
	if got := string(s.get(t, "n").Body); got != strconv.Itoa(adders*each) {
		t.Errorf("%s after %d increments", got, adders*each)
	}
}

// testNoHalfCommit writes forty documents at once, and reads them while they
// change.
func testNoHalfCommit(t *testing.T, s *suite) {
	const size = 40
	var keys []store.Key
	for i := range size {
		keys = append(keys, s.key(fmt.Sprintf("d%02d", (i*7)%size)))
	}
	write := func(n int) error {
		var ops []store.Op
		for _, k := range keys {
			ops = append(ops, store.Op{Key: k, Act: store.Put, Body: []byte(strconv.Itoa(n))})
		}
		return s.Commit(ctx(), ops...)
	}
	if err := write(1); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for n := 2; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := write(n); err != nil {
				t.Errorf("commit: %v", err)
				return
			}
		}
	})
	defer writer.Wait()
	defer close(stop)
	last, began := 0, time.Now()
	for n := range 400 {
		if n >= 40 && time.Since(began) > 5*time.Second {
			break // an engine far away, or an emulator
		}
		docs, err := s.Get(ctx(), keys...)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			if string(d.Body) != string(docs[0].Body) || !d.Exists() {
				t.Fatalf("%s holds %s while %s holds %s", d.Key.ID, d.Body, docs[0].Key.ID, docs[0].Body)
			}
		}
		n, _ := strconv.Atoi(string(docs[0].Body))
		if n < last {
			t.Fatalf("%d was read after %d", n, last)
		}
		last = n
	}
}

// The history test: a state is what each of a few keys holds, by the number of
// the commit that wrote it, 0 for nothing. As every commit writes a number of
// its own, the number stands for the version too.
const histKeys = 3

type histState [histKeys]int

type histInput struct {
	read   bool
	number int                    // that a commit writes
	act    [histKeys]store.Act    // "" leaves the key out
	expect [histKeys]string       // State of the expectation
	seen   [histKeys]int          // the number whose version is expected
	at     [histKeys]store.Expect // as given to the store
}

type histOutput struct {
	state    histState // read
	conflict bool
}

func histStep(state, input, output any) (bool, any) {
	st, in, out := state.(histState), input.(histInput), output.(histOutput)
	if in.read {
		return out.state == st, st
	}
	next, holds := st, true
	for i, act := range in.act {
		if act == "" {
			continue
		}
		switch in.expect[i] {
		case "absent":
			holds = holds && st[i] == 0
		case "present":
			holds = holds && st[i] != 0
		case "version":
			holds = holds && st[i] != 0 && st[i] == in.seen[i]
		}
		switch act {
		case store.Put:
			next[i] = in.number
		case store.Delete:
			next[i] = 0
		}
	}
	if out.conflict {
		return !holds, st
	}
	return holds, next
}

func testLinearizable(t *testing.T, s *suite) {
	const clients, each = 6, 60
	var (
		mu      sync.Mutex
		history []porcupine.Operation
		all     sync.WaitGroup
		number  atomic.Int64
	)
	begin := time.Now()
	for client := range clients {
		all.Go(func() {
			var docs [histKeys]store.Doc // as last read
			random := newSequence(client)
			for range each {
				in := histChoose(random, docs, &number)
				out := histOutput{}
				call := time.Since(begin)
				if in.read {
					got, err := s.Get(ctx(), s.histKey(0), s.histKey(1), s.histKey(2))
					if err != nil {
						t.Errorf("get: %v", err)
						return
					}
					copy(docs[:], got)
					for i, d := range docs {
						out.state[i], _ = strconv.Atoi(string(d.Body))
					}
				} else {
					err := s.Commit(ctx(), s.histOps(in)...)
					if err != nil && !fault.Is(err, fault.Conflict) {
						t.Errorf("commit: %v", err)
						return
					}
					out.conflict = err != nil
				}
				op := porcupine.Operation{ClientId: client, Input: in, Output: out, Call: int64(call), Return: int64(time.Since(begin))}
				mu.Lock()
				history = append(history, op)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	model := porcupine.Model{
		Init:  func() any { return histState{} },
		Step:  histStep,
		Equal: func(a, b any) bool { return a.(histState) == b.(histState) },
	}
	if result := porcupine.CheckOperationsTimeout(model, history, 20*time.Second); result != porcupine.Ok {
		t.Errorf("the history of %d operations is %s", len(history), result)
	}
}

func (s *suite) histKey(i int) store.Key { return s.key("h" + strconv.Itoa(i)) }

func (s *suite) histOps(in histInput) (ops []store.Op) {
	for i, act := range in.act {
		if act == "" {
			continue
		}
		op := store.Op{Key: s.histKey(i), Act: act, Expect: in.at[i]}
		if act == store.Put {
			op.Body = []byte(strconv.Itoa(in.number))
		}
		ops = append(ops, op)
	}
	return ops
}

// histChoose makes up the next call of a client that has last read docs.
func histChoose(random func(n int) int, docs [histKeys]store.Doc, number *atomic.Int64) histInput {
	in := histInput{read: random(3) == 0}
	if in.read {
		return in
	}
	in.number = int(number.Add(1))
	for i := range histKeys {
		in.seen[i], _ = strconv.Atoi(string(docs[i].Body))
		switch random(4) {
		case 0:
			in.at[i] = store.Any()
		case 1:
			in.at[i] = store.At(docs[i].Version)
		case 2:
			in.at[i] = store.Absent()
		case 3:
			in.at[i] = store.Present()
		}
		in.expect[i] = in.at[i].State
		in.act[i] = [...]store.Act{"", store.Put, store.Put, store.Put, store.Check, store.Delete}[random(6)]
	}
	in.act[random(histKeys)] = store.Put
	return in
}

// newSequence is a small generator, the same for a seed on every run.
func newSequence(seed int) func(n int) int {
	x := uint64(seed)*0x9e3779b97f4a7c15 + 1
	return func(n int) int {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		return int(x % uint64(n))
	}
}
