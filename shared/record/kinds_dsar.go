package record

import (
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/store"
)

// Requests are data-subject requests and their files.
var Requests = Define[dsar.Request]("request", 2, From[dsar.Request](1, asIs), Indexed(requestIndex), Lives(requestLives), Along(requestParts))

// Coverings lead to a request from the further contacts that it reaches.
var Coverings = Define[dsar.Covering]("covering", 1, Indexed(coveringIndex), GoesWith[dsar.Covering]("its request"))

// requestIndex: all requests by receipt, those filed under a contact, and open
// ones by state (partition "request.STATE").
func requestIndex(r *dsar.Request) []store.Entry {
	at := Sortable(r.ReceivedAt)
	in := []store.Entry{{Index: ByTime, Partition: "request", Sort: at}, {Index: ByContact, Partition: r.ContactID, Sort: at}}
	if !r.State.Closed() {
		in = append(in, store.Entry{Index: ByState, Partition: "request." + string(r.State), Sort: at})
	}
	return in
}

// requestLives: the file of a request is kept for a time after its final answer.
func requestLives(r *dsar.Request) []retention.Life {
	return []retention.Life{life("request", r.ContactID, r.ClosedAt)}
}

// Postings are letters for an officer to print: they belong to the request's file.
var Postings = Define[dsar.Posting]("posting", 1, Indexed(postingIndex), GoesWith[dsar.Posting]("its request"))

// postingIndex: those that wait, the first to be due first.
func postingIndex(p *dsar.Posting) []store.Entry {
	if !p.PostedAt.IsZero() {
		return nil
	}
	return []store.Entry{{Index: ByState, Partition: "posting.waiting", Sort: Sortable(p.PostBy)}}
}

// requestParts: what leads to a request, and its letters for the post, go with it.
func requestParts(r *dsar.Request) (out []retention.Part) {
	for n := range r.ByPost {
		out = append(out, retention.Part{Kind: "posting", ID: dsar.PostingID(r.ID, n+1)})
	}
	covered, not := r.Beside()
	for _, id := range append(covered, not...) {
		out = append(out, retention.Part{Kind: "covering", ID: dsar.CoveringID(r.ID, id)})
	}
	return out
}

// coveringIndex: beside the requests that are filed under the contact.
func coveringIndex(c *dsar.Covering) []store.Entry {
	return []store.Entry{{Index: ByContact, Partition: c.ContactID, Sort: Sortable(c.At)}}
}
