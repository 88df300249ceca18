using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Azure.Core;
using Azure.Identity;
using Polly;
using Polly.Retry;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>
/// The two calls of Azure's management API that alternating keys needs. Plain HTTP with the portal's own token: the library for it
/// brings all of Azure Resource Manager, and polls and retries on its own, while here every try must be known.
/// </summary>
internal sealed class StorageAccountKeys : IStorageAccounts, IDisposable
{
    private const string Version = "2023-05-01";
    private const int Tries = 3;
    private const int LongestAnswer = 64 * 1024;

    private readonly HttpClient http;
    private readonly TokenCredential credential;
    private readonly Uri endpoint;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;
    private readonly ResiliencePipeline retry;

    /// <summary>Makes it; calls nobody.</summary>
    /// <param name="endpoint">Azure's management API.</param>
    /// <param name="timeout">Time for one use, retries included.</param>
    /// <param name="credential">Who the portal is.</param>
    /// <param name="time">Clock.</param>
    /// <param name="handler">For tests: handler to reach Azure with.</param>
    public StorageAccountKeys(
        Uri endpoint,
        TimeSpan timeout,
        TokenCredential credential,
        TimeProvider time,
        HttpMessageHandler? handler = null
    )
    {
        (this.credential, this.time, this.endpoint, this.timeout) = (credential, time, endpoint, timeout);
        retry = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<PassingException>(),
                    MaxRetryAttempts = Tries - 1,
                    Delay = TimeSpan.FromMilliseconds(500),
                    BackoffType = DelayBackoffType.Linear,
                    DelayGenerator = a => ValueTask.FromResult((a.Outcome.Exception as PassingException)?.Pause),
                }
            )
            .Build();
        http = new HttpClient(
            handler
                ?? new SocketsHttpHandler
                {
                    AllowAutoRedirect = false,
                    UseCookies = false,
                    PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public void Dispose() => http.Dispose();

    public Task<IReadOnlyList<StorageKey>> ListAsync(StorageAccount account, CancellationToken cancellationToken) =>
        CallAsync(account, "listKeys", "read", body: null, cancellationToken);

    public Task<IReadOnlyList<StorageKey>> RegenerateAsync(StorageAccount account, string key, CancellationToken cancellationToken) =>
        CallAsync(account, "regenerateKey", "regenerate", JsonSerializer.Serialize(new { keyName = key }), cancellationToken);

    private async Task<IReadOnlyList<StorageKey>> CallAsync(
        StorageAccount account,
        string action,
        string verb,
        string? body,
        CancellationToken cancellationToken
    )
    {
        var name = account.Name;
        var path =
            $"/subscriptions/{account.Subscription}/resourceGroups/{Uri.EscapeDataString(account.ResourceGroup)}/providers/Microsoft.Storage/storageAccounts/{name}/{action}?api-version={Version}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            return await retry.ExecuteAsync(
                async ct =>
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, path))
                    {
                        Content = new StringContent(body ?? "", Encoding.UTF8, "application/json"),
                    };
                    var token = await credential.GetTokenAsync(new TokenRequestContext([new Uri(endpoint, ".default").ToString()]), ct);
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
                    request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
                    using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
                    if (response.StatusCode == HttpStatusCode.OK)
                    {
                        return Keys(await ReadAsync(response, ct), name);
                    }

                    var problem = Problem((int)response.StatusCode, Code(await ReadAsync(response, ct)), name, verb);
                    throw problem.IsTransient ? new PassingException(problem, PauseOf(response)) : (Exception)problem;
                },
                limit.Token
            );
        }
        catch (PassingException passing)
        {
            throw passing.Problem;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IssueException(
                "azure-unreachable",
                $"Azure's management API did not answer about storage account {name} within {timeout.TotalSeconds:0} s. Try again in a minute.",
                isTransient: true
            );
        }
        catch (AuthenticationFailedException problem)
        {
            throw problem.InnerException is HttpRequestException
                ? new IssueException(
                    "azure-unreachable",
                    "Microsoft's sign-in service cannot be reached. Check the portal's outbound network.",
                    isTransient: true
                )
                : new IssueException(
                    "azure-sign-in",
                    "Azure does not sign the portal in. Check its workload or managed identity, as for the vault."
                );
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or SocketException or AuthenticationException)
        {
            throw new IssueException(
                "azure-unreachable",
                $"Azure's management API at {endpoint.Host} cannot be reached, or broke the connection. Check the portal's outbound network.",
                isTransient: true
            );
        }
    }

    private static IssueException Problem(int status, string code, string account, string verb) =>
        status switch
        {
            401 => new(
                "azure-sign-in",
                $"Azure's management API does not accept the portal's token. Storage account {account} is probably in another tenant than the portal's identity."
            ),
            403 => new(
                "azure-forbidden",
                $"The portal's identity may not {verb} keys of storage account {account}. Assign it the role Storage Account Key Operator Service Role there; it takes some minutes to take effect."
            ),
            404 => new(
                "azure-no-account",
                $"Azure knows no storage account {account} in this subscription and resource group ({(code.Length > 0 ? code : "404")}). Correct the provider's settings."
            ),
            409 when code == "ScopeLocked" => new(
                "azure-locked",
                $"A lock in Azure keeps the keys of storage account {account} from being changed. Remove the lock, or rotate by hand."
            ),
            409 => new("azure-busy", $"Azure is busy with storage account {account} just now. Try again in a minute.", isTransient: true),
            429 => new(
                "azure-throttled",
                $"Azure takes no more calls about storage account {account} for now. Try again in a minute.",
                isTransient: true
            ),
            >= 500 or 408 => new(
                "azure-failed",
                $"Azure's management API failed with status {status}. Try again in a minute.",
                isTransient: true
            ),
            >= 300 and < 400 => new(
                "azure-redirect",
                "Azure's management API answers with a redirect, which is not followed. Something is in between."
            ),
            _ => new(
                "azure-refused",
                $"Azure refused to {verb} keys of storage account {account} with status {status}{(code.Length > 0 ? $" ({code})" : "")}."
            ),
        };

    // As long as Azure asks for, but never longer than the whole may take; null where it asks for nothing.
    private TimeSpan? PauseOf(HttpResponseMessage response) =>
        response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta < timeout ? delta : timeout,
            { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow() is var pause && pause < timeout ? pause : timeout,
            _ => null,
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
            var keys = json
                .RootElement.GetProperty("keys")
                .EnumerateArray()
                .Select(k => new StorageKey(
                    k.GetProperty("keyName").GetString() ?? "",
                    new SecretValue(k.GetProperty("value").GetString() ?? "")
                ))
                .ToList();
            return keys.TrueForAll(k => k.Name.Length > 0 && k.Value.Reveal().Length > 0) ? keys : throw new KeyNotFoundException();
        }
        catch (Exception problem)
            when (problem is JsonException or UnreadableException or KeyNotFoundException or InvalidOperationException)
        {
            throw new IssueException(
                "azure-answer",
                $"The answer about storage account {account} is not from Azure's management API. Something is in between."
            );
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
        catch (Exception problem)
            when (problem is JsonException or UnreadableException or KeyNotFoundException or InvalidOperationException)
        {
            return "";
        }
    }

    /// <summary>A problem that may pass by itself, within the tries.</summary>
    private sealed class PassingException(IssueException problem, TimeSpan? pause) : Exception(problem.Message)
    {
        public IssueException Problem { get; } = problem;

        public TimeSpan? Pause { get; } = pause;
    }
}
