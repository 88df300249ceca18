using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clouds.S3;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>A log can be written to the bucket, tested with a small object that is removed again.</summary>
internal sealed class S3Check(OutboundGuard guard, PreflightOptions options) : IPreflightCheck
{
    public string Id => "s3";

    public string Title => "Bucket is writable";

    public LookedFrom From => LookedFrom.Portal;

    public bool IsOfTheNetwork => true;

    public bool AppliesTo(PreflightSubject subject) =>
        subject.Value("LOG_STORE") is "s3" or "s3_assume" or "s3_custom" or "gcs" or "wasabi" or "netapp";

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        if (Place(subject) is not { } place)
        {
            return Verdict.Fail(
                "LOG_STORE_BASEPATH is not the address of a bucket.",
                "Give it as https://store.example.com/bucket.",
                "bucket-address"
            );
        }

        using var handler = guard.Handler();
        if (subject.Value("LOG_STORE") == "s3_assume")
        {
            using var http = new HttpClient(handler, disposeHandler: false);
            await Web.AnswerAsync(http, place.Endpoint, cancellationToken);
            return Verdict.Pass(
                $"{place.Endpoint.Host} answers. The gateway assumes its role by its pod's own identity, so write access cannot be tested from here."
            );
        }

        if (subject.Secret("LOG_STORE_ACCESS_KEY").Length == 0 || subject.Secret("LOG_STORE_SECRET_KEY").Length == 0)
        {
            return Verdict.Skip("The bucket's keys could not be read.");
        }

        var bucket = new S3Bucket(handler, place.Endpoint, place.Region, place.Name, options.Timeout);
        var answer = await bucket.WriteAsync(
            new SecretValue(subject.Secret("LOG_STORE_ACCESS_KEY")),
            new SecretValue(subject.Secret("LOG_STORE_SECRET_KEY")),
            cancellationToken
        );
        return answer.Outcome switch
        {
            StoreOutcome.Written => Verdict.Pass(
                $"An object was written to and removed from bucket {place.Name} at {place.Endpoint.Host}."
            ),
            StoreOutcome.Refused => OfAnswer(answer, place),
            _ => throw Web.Refusal(answer.Problem)
                ?? (Exception)new UnreachableException($"{place.Endpoint.Host} cannot be reached.", answer.Problem),
        };
    }

    private static Verdict OfAnswer(StoreAnswer answer, Bucket place) =>
        (answer.Status, answer.Code) switch
        {
            ( >= 300 and < 400, _) or (400, "AuthorizationHeaderMalformed") => Verdict.Fail(
                $"Bucket {place.Name} is not in region {place.Region}; the redirect to where it is was not followed.",
                "Set LOG_STORE_REGION to the bucket's region.",
                "redirect"
            ),
            (_, "NoSuchBucket") or (404, _) => Verdict.Fail(
                $"There is no bucket {place.Name} at {place.Endpoint.Host}.",
                "Create the bucket, or name another.",
                "bucket-missing"
            ),
            (401 or 403, _) => Verdict.Fail(
                $"{place.Endpoint.Host} does not let the gateway write to {place.Name} ({answer.Code}).",
                "Check both keys and the policy of their user.",
                "bucket-refused"
            ),
            ( >= 500, _) => throw new UnreachableException($"{place.Endpoint.Host} answered {answer.Status}."),
            _ => Verdict.Fail(
                $"{place.Endpoint.Host} did not take an object into {place.Name}: {answer.Status} {answer.Code}.",
                "Check the bucket's settings.",
                "bucket-refused"
            ),
        };

    private static Bucket? Place(PreflightSubject subject)
    {
        var (store, region, bucket) = (
            subject.Value("LOG_STORE"),
            subject.Value("LOG_STORE_REGION"),
            subject.Value("LOG_STORE_GENERATIONS_BUCKET")
        );
        var address = store switch
        {
            "s3" or "s3_assume" => $"https://s3.{region}.amazonaws.com",
            "wasabi" => $"https://s3.{region}.wasabisys.com",
            "gcs" => "https://storage.googleapis.com",
            _ => subject.Value("LOG_STORE_BASEPATH"),
        };
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return null;
        }

        // The guide's base path of a custom store ends with the bucket.
        var named = uri.AbsolutePath.Trim('/').Split('/')[0];
        bucket = bucket.Length > 0 ? bucket : named;
        return bucket.Length == 0
            ? null
            : new Bucket(new Uri(uri.GetLeftPart(UriPartial.Authority)), bucket, region.Length > 0 ? region : "us-east-1");
    }

    private sealed record Bucket(Uri Endpoint, string Name, string Region);
}
