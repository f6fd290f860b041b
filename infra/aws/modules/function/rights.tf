# The least rights that the manifest leads to. local/rights_test.go compares
# them with what the function used in the story.
locals {
  kinds    = concat(var.manifest.writes, var.manifest.reads)
  works    = length(local.kinds) > 0 # it runs units of work: documents, keys, objects
  writes   = [for k in var.manifest.writes : "*/${k}/*"]
  every    = [for k in local.kinds : "*/${k}/*"]
  reading  = ["dynamodb:GetItem", "dynamodb:BatchGetItem"]
  changing = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]

  rights = concat(
    local.works ? [
      # Documents by kind: an item's key is tenant/kind/id. "ready" is what
      # GET /readyz asks for. Who lists objects asks for the record of each.
      { sid = "Read", actions = concat(local.reading, ["dynamodb:ConditionCheckItem"]), resources = [var.tables.data], keys = var.manifest.lists ? [] : concat(local.every, ["ready/ready/ready"]) },
      { sid = "Write", actions = local.changing, resources = [var.tables.data], keys = local.writes },
      # Indexes hold keys of documents alone.
      { sid = "Find", actions = ["dynamodb:Query"], resources = ["${var.tables.data}/index/*", "${var.tables.keys}/index/*"], keys = [] },
      # A key is destroyed by replacing it with its tombstone, so that it is not
      # made anew: nobody deletes one.
      { sid = "Keys", actions = concat(local.reading, ["dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]), resources = [var.tables.keys], keys = [] },
      { sid = "Vault", actions = ["kms:Encrypt", "kms:Decrypt"], resources = [var.vault_key], keys = [] },
      { sid = "Objects", actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], resources = ["${var.bucket_arn}/*"], keys = [] },
    ] : [],
    # What the services do for it with the key of tables and bucket.
    [{ sid = "AtRest", actions = ["kms:Decrypt", "kms:GenerateDataKey"], resources = [var.data_key], keys = [] }],
    # Who erases looks whether the files are gone: without this right S3 answers
    # 403 for what is not there.
    var.manifest.lists || contains(var.manifest.writes, "sweeppage") ? [{ sid = "List", actions = ["s3:ListBucket"], resources = [var.bucket_arn], keys = [] }] : [],
    var.manifest.tree == "" ? [] : [{ sid = "ReadTree", actions = concat(local.reading, ["dynamodb:Query"]), resources = [var.tables.ledger, "${var.tables.ledger}/index/*"], keys = [] }],
    var.manifest.tree == "write" ? [{ sid = "WriteTree", actions = concat(local.changing, ["dynamodb:ConditionCheckItem"]), resources = [var.tables.ledger], keys = [] }] : [],
    var.manifest.emits ? [{ sid = "Emit", actions = ["events:PutEvents"], resources = [var.bus.arn], keys = [] }] : [],
    local.fed ? [{ sid = "Take", actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], resources = [aws_sqs_queue.this[0].arn], keys = [] }] : [],
    var.manifest.secrets && length(var.secrets) > 0 ? [{ sid = "Secrets", actions = ["secretsmanager:GetSecretValue"], resources = var.secrets, keys = [] }] : [],
    var.manifest.mail ? [{ sid = "Mail", actions = ["ses:SendEmail", "ses:SendRawEmail"], resources = ["*"], keys = [] }] : [],
    [{ sid = "Log", actions = ["logs:CreateLogStream", "logs:PutLogEvents"], resources = ["${aws_cloudwatch_log_group.this.arn}:*"], keys = [] }],
  )
}

resource "aws_iam_role" "this" {
  name = var.name
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = local.rights
    content {
      sid       = statement.value.sid
      actions   = statement.value.actions
      resources = statement.value.resources
      dynamic "condition" {
        for_each = length(statement.value.keys) > 0 ? [statement.value.keys] : []
        content {
          test     = "ForAllValues:StringLike"
          variable = "dynamodb:LeadingKeys"
          values   = condition.value
        }
      }
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "manifest"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}
