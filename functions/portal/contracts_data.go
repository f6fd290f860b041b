package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

const (
	maxCollected = 12 << 20 // bytes of a person's data with images, in base64
	maxScans     = 8        // images of one item
	takenAtOnce  = 6        // items of one page: each is read with up to eight files, noted twice and registered in one commit
)

// collectedView is one item of a return (schema Collected). Data is what its
// digest is of, byte by byte.
type collectedView struct {
	Data   json.RawMessage `json:"data"`
	SHA256 string          `json:"sha256"`
}

// returned is an item as its controller gets it back.
type returned struct {
	collection.Exported
	Files []fileView `json:"files,omitempty"`
}

type fileView struct {
	ID     string `json:"id"`
	Mime   string `json:"mime"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// takenPage is a page of a return (schema CollectedList).
type takenPage struct {
	list[collectedView]
	Digest string `json:"digest"` // of all so far
	Count  int    `json:"count"`
}

// ended refuses to give back what a running contract still needs here.
func ended(k *collection.Contract, now time.Time) error {
	if k.EndedAt.IsZero() || now.Before(k.EndedAt) {
		return collection.ErrNotEnded
	}
	return nil
}

func (f *function) takeData(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	k, err := contractOf(ctx, u, c, nil)
	if err != nil {
		return answer{}, err
	}
	if err := ended(k, u.Now()); err != nil {
		return answer{}, err
	}
	q, _, err := c.cursor(store.Query{Index: record.ByNode, Partition: k.ID, Limit: takenAtOnce})
	if err != nil {
		return answer{}, err
	}
	place := q.Token
	found, next, err := u.Seek(ctx, q, record.Collections.Name)
	if err != nil {
		return answer{}, err
	}
	v := takenPage{list: list[collectedView]{Items: []collectedView{}, Next: next}}
	var lines [][]byte
	for _, f := range found {
		line, err := returnedOf(ctx, u, k, f.ID())
		if err != nil {
			return answer{}, err
		}
		sum := sha256.Sum256(line)
		lines, v.Items = append(lines, line), append(v.Items, collectedView{line, hex.EncodeToString(sum[:])})
	}
	if k.ReturnedAt.IsZero() {
		k.Take(place, next, lines)
		work.Save(u, record.Contracts, k)
	}
	v.Digest, v.Count = k.Taken.Digest, k.Taken.Count
	return answer{body: v}, nil
}

// returnedOf is an item as a line of what is returned; that it was is noted.
func returnedOf(ctx context.Context, u *work.Unit, k *collection.Contract, id string) ([]byte, error) {
	i, err := work.Load(ctx, u, record.Collections, id)
	if err != nil {
		return nil, err
	}
	out := returned{Exported: i.Export()}
	for _, s := range i.Scans {
		scan, err := work.Peek(ctx, u, record.Scans, s)
		if err != nil {
			return nil, err
		}
		out.Files = append(out.Files, fileView{scan.ID, scan.Mime, scan.Size, scan.SHA256})
	}
	u.Note(audit.Disclose, i.Subject, audit.Item{Kind: record.Collections.Name, ID: id}).Recipient = u.Actor().ID
	if err := dossier.Returned(ctx, u, k.Controller, i); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (f *function) takeFile(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	k, err := contractOf(ctx, u, c, nil)
	if err != nil {
		return answer{}, err
	}
	if err := ended(k, u.Now()); err != nil {
		return answer{}, err
	}
	name := c.r.PathValue("file")
	if !idShape.MatchString(name) {
		return answer{}, newProblem("not_found", "")
	}
	scan, err := work.Peek(ctx, u, record.Scans, name)
	if err != nil {
		return answer{}, err
	}
	i, err := work.Peek(ctx, u, record.Collections, scan.ItemID)
	if err != nil {
		return answer{}, err
	}
	if i.ContractID != k.ID {
		return answer{}, newProblem("not_found", "")
	}
	b, err := work.OpenFile(ctx, u, record.Scans, scan.ID, "Bytes")
	if err != nil {
		return answer{}, err
	}
	u.Note(audit.Disclose, scan.Subject, audit.Item{Kind: record.Scans.Name, ID: scan.ID}).Recipient = u.Actor().ID
	if err := dossier.Returned(ctx, u, k.Controller, i); err != nil {
		return answer{}, err
	}
	return answer{file: &file{name: scan.ID, mime: scan.Mime, bytes: b}}, nil
}

// collectedState is what became of an item (schema CollectedState): ids alone.
type collectedState struct {
	ID          string    `json:"id"`
	Of          string    `json:"of"`
	EnteredAt   time.Time `json:"entered_at"`
	FulfilledAt time.Time `json:"fulfilled_at,omitzero"`
	Files       []string  `json:"files,omitempty"`
}

func viewCollected(i *collection.Item) collectedState {
	return collectedState{i.ID, i.Of, i.EnteredAt, i.FulfilledAt, i.Scans}
}

// keptClasses are the classes of person that a processor's product keeps (S22,
// laboss annex A).
var keptClasses = []policy.Class{policy.Cashier, policy.Customer, policy.Patient, policy.Partner}

func (f *function) collect(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Subject   string            `json:"subject"`
		Of        policy.Class      `json:"of"`
		Name      string            `json:"name"`
		Addresses []string          `json:"addresses"`
		Numbers   map[string]string `json:"numbers"`
		Notes     string            `json:"notes"`
		Findings  string            `json:"findings"`
		Files     []struct {
			Mime  string `json:"mime"`
			Bytes []byte `json:"bytes"`
		} `json:"files"`
	}
	k, err := contractOf(ctx, u, c, &b)
	if err != nil {
		return answer{}, err
	}
	known := false
	for _, of := range keptClasses {
		known = known || of == b.Of
	}
	if !idShape.MatchString(b.Subject) || !known || len(b.Files) > maxScans || len(b.Addresses) > 10 || len(b.Numbers) > 20 {
		return answer{}, newProblem("invalid", "subject is an opaque id, of a class of person that a product keeps, at most eight files")
	}
	if !k.EndedAt.IsZero() && !u.Now().Before(k.EndedAt) {
		return answer{}, collection.ErrEnded
	}
	i := &collection.Item{
		ContractID: k.ID, Subject: b.Subject, Of: string(b.Of), EnteredAt: u.Now(),
		Name: b.Name, Addresses: b.Addresses, Numbers: b.Numbers, Notes: b.Notes, Findings: b.Findings,
	}
	if i.ID, err = u.NewID(ctx, "collected"); err != nil {
		return answer{}, err
	}
	for _, file := range b.Files {
		id, err := u.NewID(ctx, "scan")
		if err != nil {
			return answer{}, err
		}
		sum := sha256.Sum256(file.Bytes)
		i.Scans = append(i.Scans, id)
		work.Save(u, record.Scans, &collection.Scan{
			ID: id, ItemID: i.ID, Subject: i.Subject, StoredAt: u.Now(), Mime: harmless(file.Mime), Size: int64(len(file.Bytes)), SHA256: hex.EncodeToString(sum[:]), Bytes: file.Bytes,
		})
	}
	work.Save(u, record.Collections, i)
	return answer{body: viewCollected(i)}, nil
}

func (f *function) fulfilled(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Item string `json:"item"`
	}
	k, err := contractOf(ctx, u, c, &b)
	if err != nil {
		return answer{}, err
	}
	if !idShape.MatchString(b.Item) {
		return answer{}, newProblem("invalid", "item is an id")
	}
	i, err := work.Load(ctx, u, record.Collections, b.Item)
	if err != nil {
		return answer{}, err
	}
	if i.ContractID != k.ID {
		return answer{}, newProblem("not_found", "")
	}
	if i.FulfilledAt.IsZero() {
		i.FulfilledAt = u.Now()
		work.Save(u, record.Collections, i)
	}
	return answer{body: viewCollected(i)}, nil
}
