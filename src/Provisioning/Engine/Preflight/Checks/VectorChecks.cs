using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>The semantic cache's index is there for its key, and as wide as the embeddings.</summary>
internal sealed class VectorCheck(OutboundGuard guard, PreflightOptions options) : IPreflightCheck
{
    public string Id => "vector-store";

    public string Title => "Vector store answers";

    public LookedFrom From => LookedFrom.Portal;

    public bool IsOfTheNetwork => true;

    public bool AppliesTo(PreflightSubject subject) => subject.Value("VECTOR_STORE").Length > 0;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var address = subject.Value("VECTOR_STORE_ADDRESS");
        if (subject.Value("VECTOR_STORE") == "milvus")
        {
            var at = new Uri(address.Contains("://", StringComparison.Ordinal) ? address : $"tcp://{address}");
            using var socket = await guard.ConnectAsync(at.IdnHost, at.Port > 0 ? at.Port : 19530, cancellationToken);
            return Verdict.Pass($"Milvus at {at.Authority} takes connections.");
        }

        using var http = new HttpClient(guard.Handler());
        var key = subject.Secret("VECTOR_STORE_API_KEY");
        var isHost = address.Contains('.', StringComparison.Ordinal) || address.Contains("://", StringComparison.Ordinal);
        using var body = isHost ? new StringContent("{}", mediaType: new("application/json")) : null;
        var (status, text) = await Web.SendAsync(
            http,
            isHost ? HttpMethod.Post : HttpMethod.Get,
            isHost
                ? new Uri(
                    $"{(address.Contains("://", StringComparison.Ordinal) ? address : $"https://{address}").TrimEnd('/')}/describe_index_stats"
                )
                : new Uri($"{options.PineconeEndpoint}/indexes/{Uri.EscapeDataString(address)}"),
            body,
            [("Api-Key", key), ("X-Pinecone-API-Version", "2025-01")],
            cancellationToken
        );
        return status switch
        {
            200 => Width(text) is { } has
            && int.TryParse(
                subject.Value("SEMANTIC_CACHE_EMBEDDING_DIMENSIONS"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var wanted
            )
            && has != wanted
                ? Verdict.Fail(
                    $"Pinecone's index {address} has {has} dimensions, the embeddings {wanted}.",
                    "Create an index as wide as the embeddings, or change SEMANTIC_CACHE_EMBEDDING_DIMENSIONS.",
                    "dimensions"
                )
                : Verdict.Pass($"Pinecone's index {address} answers."),
            401 or 403 => Verdict.Fail("Pinecone does not accept the key.", "Store the right VECTOR_STORE_API_KEY.", "vector-refused"),
            404 => Verdict.Fail($"Pinecone has no index {address} for this key.", "Create the index, or name another.", "vector-missing"),
            _ when Web.IsRedirect(status) => Verdict.Fail(
                "Pinecone's address answers with a redirect, which was not followed.",
                "Give the index's own address.",
                "redirect"
            ),
            _ => throw new UnreachableException($"Pinecone answers {status}."),
        };
    }

    private static int? Width(string text)
    {
        try
        {
            return BoundedJson.Node(text, ReadLimits.Service)?["dimension"]?.GetValue<int>();
        }
        catch (Exception problem) when (problem is JsonException or UnreadableException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}

/// <summary>The embedding provider accepts the key, and its vectors are as wide as configured. One embedding of one word is made.</summary>
internal sealed class EmbeddingCheck(OutboundGuard guard, PreflightOptions options) : IPreflightCheck
{
    public string Id => "embeddings";

    public string Title => "Embedding key works";

    public LookedFrom From => LookedFrom.Portal;

    public bool IsOfTheNetwork => true;

    public bool AppliesTo(PreflightSubject subject) => subject.Value("VECTOR_STORE").Length > 0;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var (provider, own, model) = (
            subject.Value("SEMANTIC_CACHE_EMBEDDING_PROVIDER"),
            subject.Value("SEMANTIC_CACHE_EMBEDDINGS_URL"),
            subject.Value("SEMANTIC_CACHE_EMBEDDING_MODEL")
        );
        if (own.Length == 0 && provider != "openai")
        {
            return Verdict.Skip($"The portal knows no address of {provider} at which to try the key.");
        }

        var address = (own.Length > 0 ? own : options.OpenAiEndpoint).TrimEnd('/');
        using var http = new HttpClient(guard.Handler());
        using var body = new StringContent(
            new JsonObject { ["model"] = model, ["input"] = "preflight" }.ToJsonString(),
            mediaType: new("application/json")
        );
        var (status, text) = await Web.SendAsync(
            http,
            HttpMethod.Post,
            new Uri(address.EndsWith("/embeddings", StringComparison.Ordinal) ? address : $"{address}/embeddings"),
            body,
            [("Authorization", $"Bearer {subject.Secret("SEMANTIC_CACHE_EMBEDDING_API_KEY")}")],
            cancellationToken
        );
        return status switch
        {
            200 => Width(text) is { } has
            && int.TryParse(
                subject.Value("SEMANTIC_CACHE_EMBEDDING_DIMENSIONS"),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var wanted
            )
            && has != wanted
                ? Verdict.Fail(
                    $"{model} of {provider} gives {has} dimensions, not {wanted}.",
                    "Change SEMANTIC_CACHE_EMBEDDING_DIMENSIONS or the model.",
                    "dimensions"
                )
                : Verdict.Pass($"{provider} made an embedding with {model}."),
            401 or 403 => Verdict.Fail(
                $"{provider} does not accept the embedding key.",
                "Store the right SEMANTIC_CACHE_EMBEDDING_API_KEY.",
                "embedding-refused"
            ),
            400 or 404 => Verdict.Fail(
                $"{provider} does not know model {model} at this address ({status}).",
                "Check SEMANTIC_CACHE_EMBEDDING_MODEL and SEMANTIC_CACHE_EMBEDDINGS_URL.",
                "embedding-model"
            ),
            429 => Verdict.Warn(
                $"{provider} accepts the key, but its limit or quota is used up.",
                "Raise the limit before requests rely on it."
            ),
            _ when Web.IsRedirect(status) => Verdict.Fail(
                $"{provider}'s address answers with a redirect, which was not followed.",
                "Give the address itself.",
                "redirect"
            ),
            _ => throw new UnreachableException($"{provider} answers {status}."),
        };
    }

    private static int? Width(string text)
    {
        try
        {
            return (BoundedJson.Node(text, ReadLimits.Service)?["data"]?[0]?["embedding"] as JsonArray)?.Count;
        }
        catch (Exception problem)
            when (problem is JsonException or UnreadableException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
