package dynamodb

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/store"
)

// step is an operation on its way into a transaction.
type step struct {
	op      *store.Op
	version string // that a put will have
	// seen is the version that a blind operation met, where that has a body
	// outside: it is expected from then on, so that its body can be deleted.
	seen string
}

// before is the version whose body outside the operation makes superfluous.
func (p *step) before() string {
	switch {
	case p.op.Act == store.Check:
		return ""
	case outside(p.seen):
		return p.seen
	case p.op.Expect.State == "version" && outside(p.op.Expect.Version):
		return p.op.Expect.Version
	}
	return ""
}

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, ops ...store.Op) error {
	if err := store.CheckOps(ops); err != nil {
		return err
	}
	c, done, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	var steps []*step
	for i := range ops {
		op := &ops[i]
		if op.Act == store.Check && op.Expect.State == "" {
			continue // expects nothing and does nothing
		}
		p := &step{op: op}
		if op.Act == store.Put {
			if p.version = token(); s.blobs != nil && len(op.Body) > Inline {
				p.version += away
			}
		}
		steps = append(steps, p)
	}
	if len(steps) == 0 {
		return nil
	}
	if err := s.putBodies(ctx, steps); err != nil {
		return err
	}
	err = s.apply(ctx, c, steps)
	switch fault.Of(err) {
	case "":
		s.deleteBodies(ctx, steps, (*step).before)
	case fault.Conflict, fault.TooLarge: // certainly not applied
		s.deleteBodies(ctx, steps, func(p *step) string { return p.version })
	}
	return err
}

// apply makes the call: a transaction, or where it may be repeated and nothing
// stands beside it, a plain deletion.
func (s *Store) apply(ctx context.Context, c *dynamodb.Client, steps []*step) error {
	if op := steps[0].op; len(steps) > 1 || op.Act != store.Delete || op.Expect.State != "" {
		return s.transact(ctx, c, steps)
	}
	d := s.write(steps[0]).Delete
	_, err := c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: d.TableName, Key: d.Key, ConditionExpression: d.ConditionExpression, ExpressionAttributeValues: d.ExpressionAttributeValues})
	var outside *types.ConditionalCheckFailedException
	var busy *types.TransactionConflictException
	if errors.As(err, &outside) || errors.As(err, &busy) { // a body outside, or others at it: that takes more
		return s.transact(ctx, c, steps)
	}
	if err != nil {
		return called(err)
	}
	return nil
}

// transact tries until the transaction is applied or an expectation doesn't
// hold.
func (s *Store) transact(ctx context.Context, c *dynamodb.Client, steps []*step) error {
	for try, began := 0, time.Now(); ; try++ {
		in := &dynamodb.TransactWriteItemsInput{ClientRequestToken: aws.String(token())}
		for _, p := range steps {
			in.TransactItems = append(in.TransactItems, s.write(p))
		}
		_, err := c.TransactWriteItems(ctx, in)
		if err == nil {
			return nil
		}
		var cancelled *types.TransactionCanceledException
		if !errors.As(err, &cancelled) {
			return called(err)
		}
		v := verdictOf(cancelled.CancellationReasons)
		if v == condition && learn(steps, cancelled.CancellationReasons) {
			try = 0 // a body outside was met, and is expected now
			if time.Since(began) < patience && ctx.Err() == nil {
				continue
			}
		}
		refused(v.String())
		if v == condition || v == size || v == other || !again(ctx, began, try) {
			return v.fault(ctx, err)
		}
	}
}

// learn looks at why conditions failed. True: each of them only for a body
// outside that a blind operation met, or met no more.
func learn(steps []*step, reasons []types.CancellationReason) bool {
	if len(reasons) != len(steps) {
		return false
	}
	for i, r := range reasons {
		if aws.ToString(r.Code) != "ConditionalCheckFailed" {
			continue
		}
		p := steps[i]
		blind := p.op.Act != store.Check && (p.op.Expect.State == "" || p.op.Expect.State == "present" && len(r.Item) > 0)
		if !blind {
			return false
		}
		p.seen = ""
		if v := textOf(r.Item["v"]); outside(v) {
			p.seen = v
		}
	}
	return true
}

// write is a step as DynamoDB has it.
func (s *Store) write(p *step) types.TransactWriteItem {
	cond, values := s.condition(p)
	old := types.ReturnValuesOnConditionCheckFailureNone
	if s.blobs != nil && p.op.Act != store.Check && (p.op.Expect.State == "" || p.op.Expect.State == "present") {
		old = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	switch p.op.Act {
	case store.Put:
		return types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: encode(p.op, p.version),
			ConditionExpression: cond, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old}}
	case store.Delete:
		return types.TransactWriteItem{Delete: &types.Delete{TableName: &s.table, Key: keyOf(p.op.Key),
			ConditionExpression: cond, ExpressionAttributeValues: values, ReturnValuesOnConditionCheckFailure: old}}
	default:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: &s.table, Key: keyOf(p.op.Key),
			ConditionExpression: cond, ExpressionAttributeValues: values}}
	}
}

// condition is an expectation as DynamoDB has it. An operation that doesn't know
// the version it replaces expects that its body is not outside.
func (s *Store) condition(p *step) (*string, item) {
	e, blind := p.op.Expect, s.blobs != nil && p.op.Act != store.Check
	if p.seen != "" {
		e = store.At(p.seen)
	}
	switch {
	case e.State == "version":
		return aws.String("v = :v"), item{":v": text(e.Version)}
	case e.State == "absent":
		return aws.String("attribute_not_exists(k)"), nil
	case e.State == "present" && blind:
		return aws.String("attribute_exists(k) AND attribute_not_exists(x)"), nil
	case e.State == "present":
		return aws.String("attribute_exists(k)"), nil
	case blind:
		return aws.String("attribute_not_exists(x)"), nil
	}
	return nil, nil
}

// verdict is why a transaction was cancelled: the worst of its reasons.
type verdict int

const (
	conflict  verdict = iota // another transaction was under way
	throttle                 // too many calls
	size                     // over a limit
	other                    // DynamoDB did not like it: a defect of ours
	condition                // an expectation did not hold
)

// String is the verdict's name in metrics.
func (v verdict) String() string {
	return [...]string{"conflict", "throttle", "size", "other", "condition"}[v]
}

func verdictOf(reasons []types.CancellationReason) verdict {
	worst := conflict
	for _, r := range reasons {
		v := conflict
		switch code := aws.ToString(r.Code); code {
		case "None", "TransactionConflict", "":
		case "ConditionalCheckFailed":
			v = condition
		case "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded":
			v = throttle
		case "ItemCollectionSizeLimitExceeded":
			v = size
		default:
			v = other
			if oversized(aws.ToString(r.Message)) {
				v = size
			}
		}
		worst = max(worst, v)
	}
	return worst
}

func oversized(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "size") && (strings.Contains(m, "exceed") || strings.Contains(m, "larger"))
}

// fault is a verdict as an error of ours.
func (v verdict) fault(ctx context.Context, err error) error {
	if ctx.Err() != nil && v != condition {
		return fault.New(fault.Unavailable, "dynamodb: no time left").Because(ctx.Err())
	}
	switch v {
	case condition:
		return fault.New(fault.Conflict, "dynamodb: an expectation does not hold")
	case size:
		return fault.New(fault.TooLarge, "dynamodb: over a limit of the table").Because(err)
	case other:
		return fault.New(fault.Internal, "dynamodb: the transaction was refused").Because(err)
	case throttle:
		amazon.Count(service, amazon.Throttle)
		return fault.New(fault.Overload, "dynamodb: too many calls, or too many on one document")
	}
	return fault.New(fault.Overload, "dynamodb: others wrote the same documents all the time")
}

// called is the error of a call that was not a cancelled transaction.
func called(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ValidationException" && oversized(api.ErrorMessage()) {
		refused(size.String())
		return fault.New(fault.TooLarge, "dynamodb: over a limit of a transaction").Because(err)
	}
	return amazon.Fault(service, err)
}

// putBodies puts what goes outside.
func (s *Store) putBodies(ctx context.Context, steps []*step) error {
	var away []*step
	for _, p := range steps {
		if outside(p.version) {
			away = append(away, p)
		}
	}
	return each(len(away), func(i int) error {
		p := away[i]
		return s.blobs.Put(ctx, bodyName(p.op.Key.Tenant, p.version), p.op.Body)
	})
}

// deleteBodies deletes bodies that no item names any more. What stays after a
// failure is Sweep's.
func (s *Store) deleteBodies(ctx context.Context, steps []*step, version func(*step) string) {
	var gone []string
	for _, p := range steps {
		if v := version(p); outside(v) {
			gone = append(gone, bodyName(p.op.Key.Tenant, v))
		}
	}
	if len(gone) == 0 || s.blobs == nil {
		return
	}
	_ = each(len(gone), func(i int) error {
		if err := s.blobs.Delete(ctx, gone[i]); err != nil {
			obs.Count("okence_store_bodies_left_total")
		}
		return nil
	})
}
