using Azure;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>A container of Blob Storage.</summary>
/// <param name="http">Client to reach it with.</param>
/// <param name="address">Address of the container.</param>
/// <param name="timeout">Time for one call; none is repeated.</param>
internal sealed class BlobContainer(HttpClient http, Uri address, TimeSpan timeout)
{
    /// <summary>Writes a small blob and removes it, by a key of the account.</summary>
    public Task<StoreAnswer> WriteByKeyAsync(string account, SecretValue key, CancellationToken cancellationToken) =>
        WriteAsync(
            settings => new BlobContainerClient(address, new StorageSharedKeyCredential(account, key.Reveal()), settings),
            cancellationToken
        );

    /// <summary>Writes a small blob and removes it, as an application of Entra.</summary>
    public Task<StoreAnswer> WriteAsApplicationAsync(
        string tenant,
        string client,
        SecretValue secret,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            settings => new BlobContainerClient(
                address,
                new ClientSecretCredential(
                    tenant,
                    client,
                    secret.Reveal(),
                    new ClientSecretCredentialOptions { Transport = settings.Transport, Retry = { MaxRetries = 0 } }
                ),
                settings
            ),
            cancellationToken
        );

    private async Task<StoreAnswer> WriteAsync(Func<BlobClientOptions, BlobContainerClient> open, CancellationToken cancellationToken)
    {
        BlobContainerClient client;
        try
        {
            client = open(
                new BlobClientOptions { Transport = new HttpClientTransport(http), Retry = { MaxRetries = 0, NetworkTimeout = timeout } }
            );
        }
        catch (Exception problem) when (problem is FormatException or ArgumentException)
        {
            return new StoreAnswer(StoreOutcome.Malformed, Problem: problem);
        }

        try
        {
            var blob = client.GetBlobClient($"portkey-portal-preflight-{Guid.NewGuid():N}");
            await blob.UploadAsync(BinaryData.FromString("Written and removed by a check."), cancellationToken);
            await blob.DeleteAsync(cancellationToken: cancellationToken);
            return new StoreAnswer(StoreOutcome.Written);
        }
        catch (RequestFailedException problem) when (problem.Status > 0)
        {
            return new StoreAnswer(StoreOutcome.Refused, problem.Status, problem.ErrorCode ?? "", problem.Message, problem);
        }
        catch (AuthenticationFailedException problem)
            when (problem.InnerException is not (HttpRequestException or RequestFailedException { Status: 0 }))
        {
            return new StoreAnswer(StoreOutcome.SignInRefused, Problem: problem);
        }
        catch (Exception problem) when (problem is RequestFailedException or AuthenticationFailedException)
        {
            return new StoreAnswer(StoreOutcome.Unreachable, Problem: problem);
        }
    }
}
