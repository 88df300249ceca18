using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clouds.Azure;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>A log can be written to the Blob container, tested with a small blob that is removed again.</summary>
internal sealed class BlobCheck(OutboundGuard guard, PreflightOptions options) : IPreflightCheck
{
    public string Id => "blob";

    public string Title => "Blob container is writable";

    public LookedFrom From => LookedFrom.Portal;

    public bool IsOfTheNetwork => true;

    public bool AppliesTo(PreflightSubject subject) => subject.Value("LOG_STORE") == "azure";

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var (account, container, mode) = (
            subject.Value("AZURE_STORAGE_ACCOUNT"),
            subject.Value("AZURE_STORAGE_CONTAINER"),
            subject.Value("AZURE_AUTH_MODE")
        );
        var endpoint = new Uri(options.BlobEndpoint.Replace("{account}", account, StringComparison.Ordinal));
        using var handler = guard.Handler();
        using var http = new HttpClient(handler, disposeHandler: false);
        var address = new Uri($"{endpoint.ToString().TrimEnd('/')}/{container}");
        if (mode is "managed" or "workload")
        {
            await Web.AnswerAsync(http, address, cancellationToken);
            return Verdict.Pass(
                $"Storage account {account} answers at {endpoint.Host}. The gateway signs in by its own identity ({mode}), so write access cannot be tested from here."
            );
        }

        var blobs = new BlobContainer(http, address, options.Timeout);
        var answer =
            mode == "entra"
                ? await blobs.WriteAsApplicationAsync(
                    subject.Value("AZURE_ENTRA_TENANT_ID"),
                    subject.Value("AZURE_ENTRA_CLIENT_ID"),
                    new SecretValue(subject.Secret("AZURE_ENTRA_CLIENT_SECRET")),
                    cancellationToken
                )
                : await blobs.WriteByKeyAsync(account, new SecretValue(subject.Secret("AZURE_STORAGE_KEY")), cancellationToken);
        switch (answer.Outcome)
        {
            case StoreOutcome.Written:
                return Verdict.Pass($"A blob was written to and removed from container {container} of {account}.");
            case StoreOutcome.Malformed:
                await Web.AnswerAsync(http, address, cancellationToken); // nothing is known about an account that cannot be reached
                return Verdict.Fail(
                    "The credentials of the storage account are malformed; its key is Base64.",
                    "Store the key as Azure shows it under Access keys.",
                    "blob-refused"
                );
            case StoreOutcome.SignInRefused:
                return Verdict.Fail(
                    "Entra rejects this tenant, client id and secret.",
                    "Check all three, and that the secret has not expired.",
                    "blob-refused"
                );
            case StoreOutcome.Refused:
                return OfAnswer(answer, account, container);
            default:
                throw Web.Refusal(answer.Problem)
                    ?? (Exception)
                        new UnreachableException($"Storage account {account} cannot be reached at {endpoint.Host}.", answer.Problem);
        }
    }

    private static Verdict OfAnswer(StoreAnswer answer, string account, string container) =>
        (answer.Status, answer.Code) switch
        {
            ( >= 300 and < 400, _) => Verdict.Fail(
                $"Storage account {account} answers with a redirect, which was not followed.",
                "Check the account's name and the blob endpoint.",
                "redirect"
            ),
            (404, "ContainerNotFound") => Verdict.Fail(
                $"Storage account {account} has no container {container}.",
                "Create the container, or name another.",
                "blob-missing"
            ),
            (403, "AuthorizationFailure") when !answer.Message.Contains("authenticate", StringComparison.Ordinal) => Verdict.Fail(
                $"The firewall of storage account {account} does not let the portal in.",
                "Allow the cluster's network on the account; if it is already allowed and the portal is not in it, nothing is wrong.",
                "blob-refused"
            ),
            (401 or 403, _) => Verdict.Fail(
                $"Storage account {account} does not let the gateway write to {container} ({(answer.Code.Length > 0 ? answer.Code : "not signed in")}).",
                "Check the key, or give the application the role Storage Blob Data Contributor.",
                "blob-refused"
            ),
            ( >= 500, _) => throw new UnreachableException($"Storage account {account} answered {answer.Status}."),
            _ => Verdict.Fail(
                $"Storage account {account} did not take a blob into {container}: {answer.Status} {answer.Code}.",
                "Check the account and the container.",
                "blob-refused"
            ),
        };
}
