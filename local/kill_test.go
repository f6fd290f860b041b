package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/record"
)

// killSenders is how many people write at once in the kill test.
const killSenders = 4

// poster remembers what one sender posted and what was acknowledged.
type poster struct {
	sender
	acked   map[string]bool // ids that got 2xx
	unknown []string        // ids whose fate nobody knows; most are sent again later
}

// TestKill kills the serving process at random moments under load, restarts it
// on the same data, and at the end asks for every message: what was
// acknowledged is there once, in its sender's conversation; what was not is
// there at most once; nothing is half done or left over. OKENCE_KILLS says how
// often (20), OKENCE_SEED repeats a run's choices.
func TestKill(t *testing.T) {
	t.Parallel()
	kills, seed := envInt("OKENCE_KILLS", 20), envInt("OKENCE_SEED", int(time.Now().UnixNano()&0x7fffffff))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed: OKENCE_SEED=%d", seed)
		}
	})
	r := rand.New(rand.NewPCG(uint64(seed), 1)) //nolint:gosec // a test's choices
	w := &world{t: t, data: newData(t), logs: &logs{}}
	w.keys = w.data + ".keys"
	posters := make([]*poster, killSenders)
	for n := range posters {
		posters[n] = &poster{sender: sender{tenant: "ekc", number: n, secret: devSecret(t, "WHATSAPP_META").Text("app_secret")}, acked: map[string]bool{}}
	}
	mails := &mailer{secret: devSecret(t, "EMAIL_MIME"), acked: map[string]bool{}}
	for round := range kills {
		c := startChild(t, w.data)
		var wg sync.WaitGroup
		for _, p := range posters {
			pick := rand.New(rand.NewPCG(uint64(seed), uint64(1000+round*killSenders+p.number))) //nolint:gosec // a test's choices
			wg.Go(func() { p.run(c.addr, round, pick) })
		}
		wg.Go(func() { mails.run(c.addr, round) })
		time.Sleep(time.Duration(20+r.IntN(180)) * time.Millisecond)
		c.kill()
		wg.Wait()
	}
	// A last start, a good while later, so that all that waits is due.
	w.open(time.Now().Add(5 * time.Minute))
	defer w.shut()
	if err := w.local.Settle(context.Background()); err != nil {
		t.Fatal(err)
	}
	acked := w.checkPosters(posters)
	for id := range mails.acked {
		w.checkMail(id)
	}
	w.checkWhole()
	t.Logf("%d kills, %d messages and %d mails acknowledged, %d documents, seed %d", kills, acked, len(mails.acked), len(w.docs()), seed)
	if acked < kills || len(mails.acked) == 0 {
		t.Errorf("only %d messages were acknowledged: too few to tell anything", acked)
	}
}

// run posts until the server is gone.
func (p *poster) run(addr string, round int, pick *rand.Rand) {
	p.addr = addr
	defer p.close()
	for i := 0; ; i++ {
		id := fmt.Sprintf("wamid.kill.%d.%d.%d", p.number, round, i)
		again := len(p.unknown) > 0 && pick.IntN(3) > 0
		if again { // as a provider does whom nobody answered
			id, p.unknown = p.unknown[0], p.unknown[1:]
		}
		status, err := p.send(id, time.Now())
		switch {
		case err != nil:
			p.unknown = append(p.unknown, id)
			return
		case status/100 == 2:
			p.acked[id] = true
		default:
			p.unknown = append(p.unknown, id)
		}
		time.Sleep(time.Duration(pick.IntN(12)) * time.Millisecond) // some thousand messages at most
	}
}

// mailer posts mails whose files are large enough for the blob store.
type mailer struct {
	secret channel.Secret
	acked  map[string]bool
}

// attached is the file of every mail here: too large to stand in a document.
var attached = bytes.Repeat([]byte("Potrdilo o vpisu. "), 3500)

func (m *mailer) run(addr string, round int) {
	for i := 0; ; i++ {
		id := fmt.Sprintf("<kill.%d.%d@example.si>", round, i)
		call, err := http.NewRequest("POST", "http://"+addr+"/webhooks/ekc/email/mime", bytes.NewReader(mailWith(id, "zvezek.txt", attached)))
		if err != nil {
			return
		}
		call.SetBasicAuth(m.secret.Text("username"), m.secret.Text("password"))
		resp, err := http.DefaultClient.Do(call)
		if err != nil {
			return
		}
		resp.Body.Close()
		if resp.StatusCode/100 == 2 {
			m.acked[id] = true
		}
		time.Sleep(30 * time.Millisecond)
	}
}

// mailWith is a mail with one file.
func mailWith(id, name string, file []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Ana Horvat <ana.horvat@example.si>\r\nTo: EKC <ekc@gov.si>\r\nSubject: Priloga\r\nDate: Mon, 23 Nov 2026 10:15:00 +0100\r\n"+
		"Message-ID: %s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nV prilogi.\r\n"+
		"--b1\r\nContent-Type: text/plain; name=%q\r\nContent-Disposition: attachment; filename=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n", id, name, name)
	for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(file)), 76) {
		b.Write(line)
		b.WriteString("\r\n")
	}
	b.WriteString("--b1--\r\n")
	return b.Bytes()
}

// checkMail reads an acknowledged mail and its file back.
func (w *world) checkMail(id string) {
	w.t.Helper()
	m := w.one(id)
	if len(m.Media) != 1 {
		w.t.Errorf("mail %s has %d files", id, len(m.Media))
		return
	}
	if r := w.ask(access.Adviser, "GET", m.Media[0].Path, nil); r.body != string(attached) {
		w.t.Errorf("the file of mail %s: %d, %d bytes", id, r.status, len(r.body))
	}
}

// checkPosters reads every sender's conversations back. It returns how many
// messages were acknowledged.
func (w *world) checkPosters(posters []*poster) int {
	w.t.Helper()
	owners := map[string][]string{}
	for _, c := range all[person](w, access.Adviser, "/v1/contacts") {
		for _, a := range c.Addresses {
			owners[a.Address] = append(owners[a.Address], c.ID)
		}
	}
	talks := map[string][]talk{}
	for _, c := range all[talk](w, access.Adviser, "/v1/conversations") {
		talks[c.ContactID] = append(talks[c.ContactID], c)
	}
	acked := 0
	for _, p := range posters {
		number := fmt.Sprintf("+386411%05d", p.number)
		if len(owners[number]) != 1 {
			w.t.Errorf("%d contacts with number %s, want 1", len(owners[number]), number)
			continue
		}
		there := map[string]int{}
		for _, c := range talks[owners[number][0]] {
			ms := all[got](w, access.Adviser, "/v1/conversations/"+c.ID+"/messages")
			if len(ms) != c.Messages {
				w.t.Errorf("conversation %s counts %d messages and has %d", c.ID, c.Messages, len(ms))
			}
			for _, m := range ms {
				there[m.ProviderID]++
				if m.Sender.Address != number || m.Text != text || m.ContactID != c.ContactID {
					w.t.Errorf("message %s stands in the conversation of %s", m.ID, number)
				}
				if !strings.HasPrefix(m.ProviderID, fmt.Sprintf("wamid.kill.%d.", p.number)) {
					w.t.Errorf("message %s was sent by nobody here", m.ProviderID)
				}
			}
		}
		for id := range p.acked {
			if there[id] != 1 {
				w.t.Errorf("%s was acknowledged and is there %d times", id, there[id])
			}
		}
		for id, n := range there {
			if n > 1 {
				w.t.Errorf("%s is there %d times", id, n)
			}
		}
		acked += len(p.acked)
	}
	return acked
}

// checkWhole looks at every stored document: nothing waits, and nothing is half
// there.
func (w *world) checkWhole() {
	w.t.Helper()
	docs := w.docs()
	in := map[string]map[string]map[string]any{}
	for _, d := range docs {
		if in[d.Kind] == nil {
			in[d.Kind] = map[string]map[string]any{}
		}
		in[d.Kind][d.ID] = clearOf(w.t, d.Body)
		b, err := record.Unpack(d.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, part := range b.Parts {
			if part.Blob == "" {
				continue
			}
			if _, err := w.env.Work.Blobs.Get(context.Background(), part.Blob, 1<<30); err != nil {
				w.t.Errorf("%s %s names a blob that is not there: %v", d.Kind, d.ID, err)
			}
		}
	}
	for _, kind := range []string{"intake", "outbox", "waiting", "deadletter"} {
		if n := len(in[kind]); n != 0 {
			w.t.Errorf("%d documents of kind %s are left", n, kind)
		}
	}
	counted := map[string]float64{}
	for id, m := range in["message"] {
		conv, _ := m["conversation_id"].(string)
		person, _ := m["contact_id"].(string)
		counted[conv]++
		if in["conversation"][conv] == nil {
			w.t.Errorf("message %s stands in no conversation", id)
		}
		if in["contact"][person] == nil {
			w.t.Errorf("message %s is of no contact", id)
		}
		for _, file := range files(m) {
			if in["attachment"][file] == nil {
				w.t.Errorf("message %s lacks its file %s", id, file)
			}
		}
	}
	for id, c := range in["conversation"] {
		if n, _ := c["messages"].(float64); n != counted[id] || n == 0 {
			w.t.Errorf("conversation %s counts %v messages and has %v", id, n, counted[id])
		}
		if person, _ := c["contact_id"].(string); in["contact"][person] == nil {
			w.t.Errorf("conversation %s is of no contact", id)
		}
	}
	for id, l := range in["lookup"] {
		if person, _ := l["contact_id"].(string); in["contact"][person] == nil {
			w.t.Errorf("lookup %s leads to no contact", id)
		}
	}
	for id, a := range in["attachment"] {
		if m, _ := a["message_id"].(string); in["message"][m] == nil {
			w.t.Errorf("file %s is of no message", id)
		}
	}
}

// clearOf is the part of a document that anybody may read.
func clearOf(t testing.TB, body []byte) map[string]any {
	t.Helper()
	b, err := record.Unpack(body)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(b.Clear, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

// files are the records that a message's clear part names for its bytes.
func files(m map[string]any) (ids []string) {
	if raw, _ := m["raw_id"].(string); raw != "" {
		ids = append(ids, raw)
	}
	list, _ := m["files"].([]any)
	for _, f := range list {
		if fields, ok := f.(map[string]any); ok {
			if id, _ := fields["file_id"].(string); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// child is an `okence serve` of its own.
type child struct {
	t    testing.TB
	addr string
	cmd  *exec.Cmd
	out  *logs
}

// startChild starts `okence serve` on a data directory and waits until it is
// ready.
func startChild(t testing.TB, data string, args ...string) *child {
	t.Helper()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, addr: freeAddr(t), out: &logs{}}
	c.cmd = exec.Command(path, append([]string{"serve", "--addr", c.addr, "--data", data}, args...)...)
	c.cmd.Stdout, c.cmd.Stderr = c.out, c.out
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
		resp, err := http.Get("http://" + c.addr + "/readyz")
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return c
		}
	}
	c.kill()
	t.Fatalf("okence serve did not get ready:\n%s", c.out)
	return nil
}

// kill ends the process as a power cut would; doing it twice is fine.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// devSecret is a secret that every data directory of these tests has.
func devSecret(t testing.TB, account string) channel.Secret {
	t.Helper()
	body, err := secretsFile()
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]channel.Secret
	if err := json.Unmarshal(body, &all); err != nil {
		t.Fatal(err)
	}
	return all["OKENCE_SECRET_EKC_"+account]
}

func envInt(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}
