using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Reading;

namespace Portkey.Portal.Provisioning.Minting;

/// <summary>A key of a storage account.</summary>
/// <param name="Name">key1 or key2.</param>
/// <param name="Value">Value.</param>
internal sealed record StorageKey(string Name, string Value);

/// <summary>
/// The two calls of Azure's management API that the alternation of keys needs. Plain HTTP with the portal's own token: the library for it brings
/// all of Azure Resource Manager, and polls and retries as it likes, where here each try must be known of.
/// </summary>
internal sealed class StorageManagement : IDisposable
{
    private const string Version = "2023-05-01";
    private const int Tries = 3;
    private const int LongestAnswer = 64 * 1024;

    private readonly HttpClient http;
    private readonly TokenCredential credential;
    private readonly Uri endpoint;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;

    /// <summary>Makes it; calls nobody.</summary>
    /// <param name="options">Configuration.</param>
    /// <param name="credential">Who the portal is.</param>
    /// <param name="time">Clock.</param>
    /// <param name="way">For tests: by what it reaches Azure.</param>
    public StorageManagement(IOptions<MintingOptions> options, TokenCredential credential, TimeProvider time, HttpMessageHandler? way = null)
    {
        (this.credential, this.time, endpoint, timeout) = (credential, time, new Uri(options.Value.ManagementEndpoint), options.Value.Timeout);
        http = new HttpClient(way ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public void Dispose() => http.Dispose();

    /// <summary>The account's keys.</summary>
    /// <exception cref="MintException">Azure refused or did not answer.</exception>
    public Task<IReadOnlyList<StorageKey>> ListAsync(MintContext account, CancellationToken cancellationToken) => CallAsync(account, "listKeys", "read", body: null, cancellationToken);

    /// <summary>Makes a key anew and answers with all.</summary>
    /// <exception cref="MintException">Azure refused or did not answer.</exception>
    public Task<IReadOnlyList<StorageKey>> RegenerateAsync(MintContext account, string key, CancellationToken cancellationToken) =>
        CallAsync(account, "regenerateKey", "regenerate", JsonSerializer.Serialize(new { keyName = key }), cancellationToken);

    private async Task<IReadOnlyList<StorageKey>> CallAsync(MintContext account, string action, string verb, string? body, CancellationToken cancellationToken)
    {
        var name = account.Setting("account");
        var path = $"/subscriptions/{account.Setting("subscription")}/resourceGroups/{Uri.EscapeDataString(account.Setting("resourceGroup"))}/providers/Microsoft.Storage/storageAccounts/{name}/{action}?api-version={Version}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, path)) { Content = new StringContent(body ?? "", Encoding.UTF8, "application/json") };
                var token = await credential.GetTokenAsync(new TokenRequestContext([new Uri(endpoint, ".default").ToString()]), limit.Token);
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return Keys(await ReadAsync(response, limit.Token), name);
                }

                var problem = Problem((int)response.StatusCode, Code(await ReadAsync(response, limit.Token)), name, verb);
                if (!problem.IsTransient || attempt == Tries)
                {
                    throw problem;
                }

                await Task.Delay(PauseOf(response, attempt), time, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MintException("azure-unreachable", $"Azure's management API did not answer about storage account {name} within {timeout.TotalSeconds:0} s. Try again in a minute.", isTransient: true);
        }
        catch (AuthenticationFailedException problem)
        {
            throw problem.InnerException is HttpRequestException
                ? new MintException("azure-unreachable", "Microsoft's sign-in service cannot be reached. Check the portal's way out.", isTransient: true)
                : new MintException("azure-sign-in", "Azure does not sign the portal in. Check its workload or managed identity, as for the vault.");
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or SocketException or AuthenticationException)
        {
            throw new MintException("azure-unreachable", $"Azure's management API at {endpoint.Host} cannot be reached, or broke off. Check the portal's way out.", isTransient: true);
        }
    }

    private static MintException Problem(int status, string code, string account, string verb) => status switch
    {
        401 => new("azure-sign-in", $"Azure's management API does not accept the portal's token. Storage account {account} is probably of another tenant than the portal's identity."),
        403 => new("azure-forbidden", $"The portal's identity may not {verb} keys of storage account {account}. Assign it the role Storage Account Key Operator Service Role there; it takes some minutes until that counts."),
        404 => new("azure-no-account", $"Azure knows no storage account {account} in this subscription and resource group ({(code.Length > 0 ? code : "404")}). Correct the provider's settings."),
        409 when code == "ScopeLocked" => new("azure-locked", $"A lock in Azure keeps the keys of storage account {account} from being changed. Take the lock away, or rotate by hand."),
        409 => new("azure-busy", $"Azure is at work on storage account {account} just now. Try again in a minute.", isTransient: true),
        429 => new("azure-throttled", $"Azure takes no more calls about storage account {account} for now. Try again in a minute.", isTransient: true),
        >= 500 or 408 => new("azure-failed", $"Azure's management API failed with status {status}. Try again in a minute.", isTransient: true),
        >= 300 and < 400 => new("azure-redirect", "Azure's management API answers with a redirect, which is not followed. Something stands between."),
        _ => new("azure-refused", $"Azure refused to {verb} keys of storage account {account} with status {status}{(code.Length > 0 ? $" ({code})" : "")}."),
    };

    private TimeSpan PauseOf(HttpResponseMessage response, int attempt) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta < timeout ? delta : timeout,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow() is var pause && pause < timeout ? pause : timeout,
        _ => TimeSpan.FromMilliseconds(500 * attempt),
    };

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[LongestAnswer];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return buffer[..length];
    }

    private static List<StorageKey> Keys(byte[] answer, string account)
    {
        try
        {
            using var json = BoundedJson.Document(answer, ReadLimits.Service);
            var keys = json.RootElement.GetProperty("keys").EnumerateArray().Select(k => new StorageKey(k.GetProperty("keyName").GetString() ?? "", k.GetProperty("value").GetString() ?? "")).ToList();
            return keys.TrueForAll(k => k.Name.Length > 0 && k.Value.Length > 0) ? keys : throw new KeyNotFoundException();
        }
        catch (Exception problem) when (problem is JsonException or UnreadableException or KeyNotFoundException or InvalidOperationException)
        {
            throw new MintException("azure-answer", $"What answers in place of Azure's management API about storage account {account} is not it. Something stands between.");
        }
    }

    private static string Code(byte[] answer)
    {
        try
        {
            using var json = BoundedJson.Document(answer, ReadLimits.Service);
            var code = json.RootElement.GetProperty("error").GetProperty("code").GetString() ?? "";
            return code.Length <= 60 && code.All(char.IsAsciiLetterOrDigit) ? code : "";
        }
        catch (Exception problem) when (problem is JsonException or UnreadableException or KeyNotFoundException or InvalidOperationException)
        {
            return "";
        }
    }
}
