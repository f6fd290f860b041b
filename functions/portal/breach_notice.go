package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// breachNoticeView is a notice as it goes out (schema BreachNotice). Its documents
// are fetched by themselves.
type breachNoticeView struct {
	ID         string           `json:"id"`
	No         int              `json:"no"`
	To         breach.Addressee `json:"to"`
	Relation   string           `json:"relation,omitempty"`
	Task       string           `json:"task"`
	Language   string           `json:"language"`
	Phased     bool             `json:"phased"`
	Missing    []string         `json:"missing"`
	Drill      bool             `json:"drill"`
	ReleasedAt time.Time        `json:"released_at"`
	SHA256     string           `json:"sha256"`
	PDFSHA256  string           `json:"pdf_sha256"`
	LetterID   string           `json:"letter_id,omitempty"`
	Mailbox    string           `json:"mailbox,omitempty"`
}

func viewBreachNotice(n *breach.Notice) breachNoticeView {
	return breachNoticeView{
		ID: n.ID, No: n.No, To: n.To, Relation: n.Relation, Task: n.Task, Language: n.Language, Phased: n.Phased, Missing: filledList(n.Missing), Drill: n.Drill,
		ReleasedAt: n.ReleasedAt, SHA256: n.SHA256, PDFSHA256: n.PDFSHA256, LetterID: n.LetterID, Mailbox: n.Mailbox,
	}
}

// releaseBreachNotice composes a notice, refuses it for what it lacks, and
// stores the version that a named officer lets out, with its hash in the log.
// Sending it is functions/breach's.
func (f *function) releaseBreachNotice(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var in breachfile.Ask
	if err := decode(c.body, &in); err != nil {
		return answer{}, err
	}
	b, err := loadBreach(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	by := breach.Person{ID: u.Actor().ID, Role: string(u.Actor().Role)}
	n, err := breachfile.Release(ctx, u, f.env.Policy, b, in, by)
	if n != nil && len(n.Missing) > 0 && err != nil {
		p := newProblem("notice_incomplete", "")
		p.Missing = n.Missing
		if slices.Contains(n.Missing, "mailbox") {
			p.Detail = "no address of the recipient is known: enter it by POST /v1/breaches/{id}/decisions with kind role, the relation and contact"
		}
		return answer{}, p
	}
	if errors.Is(err, breach.ErrSpecial) {
		return answer{}, newProblem("special_detail", "say it otherwise, or read these words and set special_read: "+strings.Join(breach.SpecialWords(n.Form.Told()), ", "))
	}
	if err != nil {
		return answer{}, breachProblem(err)
	}
	return answer{body: viewBreachNotice(n)}, nil
}

func (f *function) listBreachNotices(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	return listOf(ctx, u, c, record.BreachNotices, func(n *breach.Notice) any { return viewBreachNotice(n) })
}

// listOf lists what belongs to a case, the oldest first: clear parts and what
// the register opens.
func listOf[T any](ctx context.Context, u *work.Unit, c *call, k *record.Kind[T], view func(*T) any) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	if _, err := work.Peek(ctx, u, record.Breaches, id); err != nil {
		return answer{}, err
	}
	limit, err := c.limit(maxOpened)
	if err != nil {
		return answer{}, err
	}
	q, _, err := c.cursor(store.Query{Index: record.ByNode, Partition: id, Limit: limit})
	if err != nil {
		return answer{}, err
	}
	page, err := work.List(ctx, u, k, q)
	if err != nil {
		return answer{}, err
	}
	out := list[any]{Items: []any{}, Next: page.Next}
	for _, rec := range page.Items {
		out.Items = append(out.Items, view(rec))
	}
	u.Note(audit.View, "", audit.Item{Kind: k.Name, ID: id})
	return answer{body: out}, nil
}

// getBreachNotice gives a notice as structured data or as a document.
func (f *function) getBreachNotice(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	b, err := loadBreach(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	no, err := strconv.Atoi(c.r.PathValue("index"))
	if err != nil || no < 1 || no > b.Notices {
		return answer{}, newProblem("not_found", "")
	}
	id := breach.NoticeID(b.ID, no)
	u.Note(audit.View, "", audit.Item{Kind: record.BreachNotices.Name, ID: id})
	name := fmt.Sprintf("breach-%s-%d", b.ID, no)
	switch format := c.r.URL.Query().Get("format"); format {
	case "", "json":
		n, err := work.Load(ctx, u, record.BreachNotices, id)
		if err != nil {
			return answer{}, err
		}
		body, err := json.Marshal(n.Form)
		return answer{file: &file{name: name + ".json", mime: "application/json", state: message.Clean, bytes: body}}, err
	case "html", "pdf":
		field, mime := "HTML", "text/html"
		if format == "pdf" {
			field, mime = "PDF", "application/pdf"
		}
		body, err := work.OpenFile(ctx, u, record.BreachNotices, id, field)
		return answer{file: &file{name: name + "." + format, mime: mime, state: message.Clean, bytes: body}}, err
	}
	return answer{}, newProblem("invalid", "format must be json, html or pdf")
}

// computeBreachScope asks for a scope: its record holds the query.
func (f *function) computeBreachScope(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var q breach.Query
	var s *breach.Scope
	_, err := f.changeBreach(ctx, u, c, &q, func(b *breach.Case, by breach.Person) (err error) {
		if q.Empty() || (q.Class != "" && !slices.Contains([]string{"log", "login_log", "desk_log"}, q.Class)) {
			return newProblem("invalid", "name actors, sources, records or kinds, or both from and to")
		}
		b.Scopes++
		s = &breach.Scope{ID: breach.ScopeID(b.ID, b.Scopes), BreachID: b.ID, No: b.Scopes, AskedAt: u.Now(), Query: q, By: by}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	work.Save(u, record.BreachScopes, s)
	if err := u.Emit(ctx, s.BreachID, &events.BreachScopeRequested{BreachID: s.BreachID, ScopeID: s.ID}); err != nil {
		return answer{}, err
	}
	return answer{body: viewScope(s)}, nil
}

// scopeView is a scope as it goes out (schema BreachScope): counts.
type scopeView struct {
	ID         string           `json:"id"`
	No         int              `json:"no"`
	AskedAt    time.Time        `json:"asked_at"`
	DoneAt     time.Time        `json:"done_at,omitzero"`
	Entries    int64            `json:"entries"`
	Matched    int64            `json:"matched"`
	Persons    int64            `json:"persons"`
	Records    int64            `json:"records"`
	Categories map[string]int64 `json:"categories"`
	Kinds      map[string]int64 `json:"kinds"`
	SHA256     string           `json:"sha256,omitempty"`
	Query      breach.Query     `json:"query"`
}

func viewScope(s *breach.Scope) scopeView {
	v := scopeView{s.ID, s.No, s.AskedAt, s.DoneAt, s.Entries, s.Matched, s.Persons, s.Records, s.Categories, s.Kinds, s.SHA256, s.Query}
	if v.Categories == nil {
		v.Categories = map[string]int64{}
	}
	if v.Kinds == nil {
		v.Kinds = map[string]int64{}
	}
	return v
}

func (f *function) listBreachScopes(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	return listOf(ctx, u, c, record.BreachScopes, func(s *breach.Scope) any { return viewScope(s) })
}

// campaignView is how far a campaign is (schema BreachCampaign).
type campaignView struct {
	ID        string               `json:"id"`
	NoticeID  string               `json:"notice_id"`
	State     breach.CampaignState `json:"state"`
	Total     int                  `json:"total"`
	Queued    int                  `json:"queued"`
	Unreached int                  `json:"unreached"`
	Left      int                  `json:"left"`
	PerMinute int                  `json:"per_minute"`
	BeganAt   time.Time            `json:"began_at"`
	EndedAt   time.Time            `json:"ended_at,omitzero"`
}

// steerBreachCampaign suspends the campaign of a notice, or lets it go on.
func (f *function) steerBreachCampaign(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	no, err := strconv.Atoi(c.r.PathValue("index"))
	if err != nil || no < 1 {
		return answer{}, newProblem("not_found", "")
	}
	var in struct {
		State  breach.CampaignState `json:"state"`
		Reason string               `json:"reason"`
	}
	var campaign *breach.Campaign
	_, err = f.changeBreach(ctx, u, c, &in, func(b *breach.Case, by breach.Person) (err error) {
		campaign, err = work.Load(ctx, u, record.BreachCampaigns, breach.CampaignID(breach.NoticeID(b.ID, no)))
		if err != nil {
			return err
		}
		return campaign.Steer(b, in.State, by, in.Reason, u.Now())
	})
	if err != nil {
		return answer{}, err
	}
	work.Save(u, record.BreachCampaigns, campaign)
	if campaign.State == breach.Sending {
		err = u.Emit(ctx, campaign.ID, &events.BreachCampaignStepped{CampaignID: campaign.ID})
	}
	return answer{body: viewCampaign(campaign)}, err
}

func viewCampaign(b *breach.Campaign) campaignView {
	return campaignView{b.ID, b.NoticeID, b.State, b.Total, b.Queued, b.Unreached, b.Total - b.Next, b.PerMinute, b.BeganAt, b.EndedAt}
}

func (f *function) listBreachCampaigns(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	return listOf(ctx, u, c, record.BreachCampaigns, func(b *breach.Campaign) any { return viewCampaign(b) })
}
