# Three tables, because their backups differ: documents have point-in-time
# recovery; wrapped keys must not (a copy of a key that was destroyed would make
# what it sealed readable again); the tree of the processing log is written once
# and lies outside the backups of the documents (design decisions 5 and 10).
# Their shape is that of shared/store/dynamodb.
locals {
  tables = {
    data   = { recovery = true }
    keys   = { recovery = false }
    ledger = { recovery = true }
  }
  indexes = ["1", "2", "3", "4", "5"]
}

resource "aws_dynamodb_table" "this" {
  for_each                    = local.tables
  name                        = "${var.name}-${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "k"
  deletion_protection_enabled = var.protected
  tags                        = { content = each.key }

  attribute {
    name = "k"
    type = "S"
  }
  dynamic "attribute" {
    for_each = setproduct(["p", "s"], local.indexes)
    content {
      name = "${attribute.value[0]}${attribute.value[1]}"
      type = "S"
    }
  }
  dynamic "global_secondary_index" {
    for_each = local.indexes
    content {
      name            = "by${global_secondary_index.value}"
      hash_key        = "p${global_secondary_index.value}"
      range_key       = "s${global_secondary_index.value}"
      projection_type = "KEYS_ONLY"
    }
  }
  point_in_time_recovery {
    enabled = each.value.recovery
  }
  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.data.arn
  }
}

# Bodies over what an item holds, and attachments: all sealed before they come
# here. No versioning: erasure must reach every copy.
resource "aws_s3_bucket" "this" {
  bucket_prefix = "${var.name}-"
  force_destroy = !var.protected
  tags          = { content = "data" }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    bucket_key_enabled = true # one call to KMS for many objects
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.data.arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count  = var.lifecycle_rules ? 1 : 0
  bucket = aws_s3_bucket.this.id
  rule {
    id     = "what-an-upload-left"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid     = "OnlyByTLS"
    effect  = "Deny"
    actions = ["s3:*"]
    resources = [
      aws_s3_bucket.this.arn,
      "${aws_s3_bucket.this.arn}/*",
    ]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

# A stand-in is spoken to over plain HTTP on this machine.
resource "aws_s3_bucket_policy" "this" {
  count  = var.standin ? 0 : 1
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.bucket.json
}
