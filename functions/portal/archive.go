package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/deadline"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// archiveRoutes are public archival material: what is about to go is offered to
// the archive first, where the pack says so (ZVDAGA; A8).
var archiveRoutes = []*route{
	{
		pattern: "GET /v1/archive-offers", id: "listArchiveOffers", title: "Offers to an archive, the newest first",
		text:  "Sweeps and erasures make them by themselves, of cases whose time is over: numbers, kinds and dates, no content. What was offered stays until the archive has answered, or its time to is over.",
		roles: contractReaders, handle: (*function).listOffers,
		query: []string{"cursor", "limit"}, gives: "ArchiveOfferList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "GET /v1/archive-offers/{id}", id: "getArchiveOffer", title: "One offer to an archive: the list that it chooses from",
		roles: contractReaders, about: "offer", handle: (*function).getOffer,
		gives: "ArchiveOffer", problems: []string{"not_found"},
	},
	{
		pattern: "POST /v1/archive-offers/{id}/answer", id: "answerArchiveOffer", title: "Note the archive's answer",
		text:  "The cases that it wants; none, and it declines. What it does not want goes with the next sweep.",
		roles: deciders, use: access.Rights, about: "offer", noted: audit.Manage, handle: (*function).answerOffer,
		schema: "ArchiveAnswer", gives: "ArchiveOffer", problems: []string{"not_found", "offer_state", "not_offered"},
	},
	{
		pattern: "GET /v1/archive-offers/{id}/material", id: "takeArchiveMaterial", title: "Take what the archive wants",
		text: "Page by page, each case with its work log as one JSON object with its SHA-256. digest is that of all so far, as in the return of a contract's data. " +
			"The first page begins anew. A case whose data are restricted waits for the end of that.",
		roles: deciders, use: access.Rights, about: "offer", noted: audit.Disclose, handle: (*function).takeMaterial,
		query: []string{"cursor"}, gives: "ArchiveMaterial", problems: []string{"not_found", "bad_cursor", "offer_state", "restricted", "gone"},
	},
	{
		pattern: "POST /v1/archive-offers/{id}/handover", id: "handOverToArchive", title: "Note that the archive has what it wanted",
		text:  "With its receipt, and the digest that it has computed over what it got: it must be that of all. The cases go with the next sweep.",
		roles: deciders, use: access.Rights, about: "offer", noted: audit.Disclose, handle: (*function).handOver,
		schema: "ArchiveReceipt", gives: "ArchiveOffer", problems: []string{"not_found", "offer_state", "handover_incomplete"},
	},
}

// offerView is an offer as it goes out (schema ArchiveOffer).
type offerView struct {
	ID         string               `json:"id"`
	Tenant     string               `json:"tenant"`
	Archive    string               `json:"archive"`
	Clause     string               `json:"clause"`
	State      retention.OfferState `json:"state"`
	MadeAt     time.Time            `json:"made_at"`
	AnswerBy   time.Time            `json:"answer_by"`
	Cases      []retention.Offered  `json:"cases"`
	AnsweredBy string               `json:"answered_by,omitempty"`
	AnsweredAt time.Time            `json:"answered_at,omitzero"`
	Reference  string               `json:"reference,omitempty"`
	Taken      int                  `json:"taken"`
	TakenAll   bool                 `json:"taken_all"`
	Digest     string               `json:"digest,omitempty"`
	HandedBy   string               `json:"handed_by,omitempty"`
	HandedAt   time.Time            `json:"handed_at,omitzero"`
	Receipt    string               `json:"receipt,omitempty"`
}

func viewOffer(tenant string, o *retention.Offer) offerView {
	return offerView{
		ID: o.ID, Tenant: tenant, Archive: o.Archive, Clause: o.Clause, State: o.State, MadeAt: o.MadeAt, AnswerBy: o.AnswerBy, Cases: o.Items,
		AnsweredBy: o.AnsweredBy, AnsweredAt: o.AnsweredAt, Reference: o.Reference, Taken: o.Taken.Count, TakenAll: o.Taken.All, Digest: o.Taken.Digest,
		HandedBy: o.HandedBy, HandedAt: o.HandedAt, Receipt: o.Receipt,
	}
}

func (f *function) listOffers(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q, _, err := c.cursor(store.Query{Index: record.ByTime, Partition: "offer", Desc: true})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(defaultLimit); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Offers, q)
	if err != nil {
		return answer{}, err
	}
	out := list[offerView]{Items: []offerView{}, Next: page.Next}
	for _, o := range page.Items {
		out.Items = append(out.Items, viewOffer(u.Tenant(), o))
	}
	return answer{body: out}, nil
}

// offerOf loads the offer that a call is about, and reads the body.
func offerOf(ctx context.Context, u *work.Unit, c *call, body any) (*retention.Offer, error) {
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	if body != nil {
		if err := decode(c.body, body); err != nil {
			return nil, err
		}
	}
	return work.Load(ctx, u, record.Offers, id)
}

func (f *function) getOffer(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	o, err := offerOf(ctx, u, c, nil)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewOffer(u.Tenant(), o)}, nil
}

func (f *function) answerOffer(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Wanted    []string `json:"wanted"`
		Reference string   `json:"reference"`
	}
	o, err := offerOf(ctx, u, c, &b)
	if err != nil {
		return answer{}, err
	}
	if !matterShape.MatchString(b.Reference) || slices.ContainsFunc(b.Wanted, func(id string) bool { return !idShape.MatchString(id) }) {
		return answer{}, newProblem("invalid", "reference is that of the archive's letter, wanted are ids of cases")
	}
	if err := o.Answer(b.Wanted, b.Reference, u.Actor().ID, u.Now()); err != nil {
		return answer{}, err
	}
	l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(deadline.Ref{Kind: record.Offers.Name, ID: o.ID}, retention.OfferLimit))
	if err != nil {
		return answer{}, err
	}
	if ok && l.Meet(u.Now()) {
		work.Save(u, record.Limits, l)
	}
	return offerAnswer(u, o, "the archive's answer: "+b.Reference)
}

// offerAnswer saves an offer, notes who changed it, and answers with it.
func offerAnswer(u *work.Unit, o *retention.Offer, reason string) (answer, error) {
	work.Save(u, record.Offers, o)
	u.Note(audit.Manage, "", audit.Item{Kind: record.Offers.Name, ID: o.ID}).Reason = reason
	return answer{body: viewOffer(u.Tenant(), o)}, nil
}

// archivedAtOnce is how many cases of one page: each is read with its work log.
const archivedAtOnce = 4

// archived is a case as the archive gets it.
type archived struct {
	Ticket  *ticket.Ticket  `json:"ticket"`
	WorkLog []*ticket.Entry `json:"worklog"`
}

func (f *function) takeMaterial(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	o, err := offerOf(ctx, u, c, nil)
	if err != nil {
		return answer{}, err
	}
	if o.State != retention.OfferAccepted {
		return answer{}, retention.ErrOfferState
	}
	place := c.r.URL.Query().Get("cursor")
	wanted, from := o.Wanted(), 0
	if place != "" {
		if from, err = strconv.Atoi(place); err != nil || from < 1 || from >= len(wanted) {
			return answer{}, newProblem("bad_cursor", "")
		}
	}
	to := min(from+archivedAtOnce, len(wanted))
	v := takenPage{list: list[collectedView]{Items: []collectedView{}}}
	if to < len(wanted) {
		v.Next = strconv.Itoa(to)
	}
	var lines [][]byte
	for _, id := range wanted[from:to] {
		line, err := f.archivedOf(ctx, u, o, id)
		if err != nil {
			return answer{}, err
		}
		sum := sha256.Sum256(line)
		lines, v.Items = append(lines, line), append(v.Items, collectedView{line, hex.EncodeToString(sum[:])})
	}
	o.Taken.Take(place, v.Next, lines)
	work.Save(u, record.Offers, o)
	v.Digest, v.Count = o.Taken.Digest, o.Taken.Count
	return answer{body: v}, nil
}

// archivedOf is a case as a line of what the archive gets; that it does is noted
// and registered for each person in it. What is restricted is not handed out:
// the purpose of requests would open it (art. 18(2) GDPR).
func (f *function) archivedOf(ctx context.Context, u *work.Unit, o *retention.Offer, id string) ([]byte, error) {
	t, err := work.Load(ctx, u, record.Tickets, id)
	if err != nil {
		return nil, err
	}
	for _, person := range dossier.Unique([]string{t.ContactID, t.TreatedID}) {
		if person == "" || person == retention.Anonymous {
			continue
		}
		if there, err := u.There(ctx, work.Of(record.Restrictions, person)); err != nil {
			return nil, err
		} else if there {
			return nil, newProblem("restricted", "")
		}
		u.NoteTicket(audit.Disclose, person, id, audit.Item{Kind: record.Tickets.Name, ID: id}).Recipient = o.Archive
		if err := dossier.DiscloseOnce(ctx, u, &register.Disclosure{
			ContactID: person, Recipient: o.Archive, Ground: register.Archive, About: []string{record.Tickets.Name + "/" + id},
		}, "archived", id, person, o.Archive); err != nil {
			return nil, err
		}
	}
	log, err := f.workLog(ctx, u, id)
	if err != nil {
		return nil, err
	}
	return json.Marshal(archived{t, log})
}

// workLog reads the whole work log of a case, in units of its own that change
// nothing: it may have more lines than one commit holds. That the case stayed as
// it was while it was read, the caller's unit holds.
func (f *function) workLog(ctx context.Context, u *work.Unit, id string) ([]*ticket.Entry, error) {
	out := []*ticket.Entry{}
	scope := work.Scope{Tenant: u.Tenant(), Function: manifest.Name, Actor: u.Actor(), Use: access.Rights}
	q := store.Query{Index: record.ByWorkLog, Partition: id, Limit: maxHistory}
	for {
		var some []*ticket.Entry
		next := ""
		_, err := f.env.Work.Run(ctx, scope, func(ctx context.Context, u *work.Unit) error {
			page, err := work.Scan(ctx, u, record.WorkLogs, q)
			if err != nil {
				return err
			}
			next = page.Next
			var withheld int
			some, withheld, err = open(ctx, u, record.WorkLogs, idsOf(record.WorkLogs, page.Items))
			if err == nil && withheld > 0 {
				err = newProblem("gone", "")
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		if q.Token = next; next == "" {
			return out, nil
		}
	}
}

func (f *function) handOver(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Receipt string `json:"receipt"`
		Digest  string `json:"digest"`
	}
	o, err := offerOf(ctx, u, c, &b)
	if err != nil {
		return answer{}, err
	}
	if !matterShape.MatchString(b.Receipt) {
		return answer{}, newProblem("invalid", "receipt is the archive's number of accession")
	}
	if err := o.Hand(b.Receipt, b.Digest, u.Actor().ID, u.Now()); err != nil {
		return answer{}, err
	}
	return offerAnswer(u, o, "handed over to the archive: "+b.Receipt)
}
