# The functions' programs. A function whose archive Terraform uploads itself
# (filename) makes all others wait until it is there: the provider holds one
# archive in memory at a time. From a bucket they are made at once, and a plan
# says by the hash in its name which one changes.
resource "aws_s3_bucket" "artifacts" {
  bucket_prefix = "${var.name}-artifacts-"
  force_destroy = true # nothing here but what make build-aws makes again
  tags          = { content = "programs" }
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_object" "artifact" {
  for_each    = local.functions
  bucket      = aws_s3_bucket.artifacts.id
  key         = "${each.key}/${filesha256("${var.artifacts}/${each.key}.zip")}.zip"
  source      = "${var.artifacts}/${each.key}.zip"
  source_hash = filesha256("${var.artifacts}/${each.key}.zip")
}
