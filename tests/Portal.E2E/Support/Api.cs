using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Support;

/// <summary>The REST side as a script of a customer sees it.</summary>
public sealed class Api(HttpClient client) : IDisposable
{
    private static readonly TimeSpan Deployment = TimeSpan.FromSeconds(180);

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await SendAsync(request);
    }

    /// <summary>A secret as it is stored: the body is its value.</summary>
    public async Task<Answer> PutTextAsync(string path, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent(text) };
        return await SendAsync(request);
    }

    public async Task<Answer> PostTextAsync(string path, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(text) };
        return await SendAsync(request);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object? body = null, string? idempotencyKey = null) =>
        SendAsync(HttpMethod.Post, path, body, idempotencyKey);

    /// <summary>A request that must be accepted.</summary>
    public async Task<JsonNode> CreatedAsync(object proposal) =>
        (await PostAsync("/api/v1/requests", proposal)).Expect(HttpStatusCode.Created);

    public async Task<JsonNode> RequestAsync(string id) => (await GetAsync($"/api/v1/requests/{id}")).Expect(HttpStatusCode.OK);

    public async Task<JsonNode> EnvironmentAsync(string id) => (await GetAsync($"/api/v1/environments/{id}")).Expect(HttpStatusCode.OK);

    /// <summary>Approves what the request holds now; answers with the request.</summary>
    public async Task<JsonNode> ApproveAsync(JsonNode request)
    {
        var now = await RequestAsync(request.Text("id"));
        return (
            await PostAsync($"/api/v1/requests/{request.Text("id")}/approve", new { digest = now.Text("digest"), reason = "looks right" })
        ).Expect(HttpStatusCode.OK);
    }

    /// <summary>Waits until its operation succeeded and the gateway is seen healthy; answers with the environment.</summary>
    public async Task<JsonNode> AppliedAsync(JsonNode request)
    {
        await SucceededAsync(request.Text("operationId"));
        return await HealthyAsync(request.Text("environmentId"));
    }

    /// <summary>An answer to a change of what rules everything: where it waits for a second administrator, this one approves it.</summary>
    public async Task InForceAsync(Answer answer)
    {
        Assert.True((int)answer.Status is >= 200 and < 300, $"{(int)answer.Status}: {answer.Body}");
        if (answer.Status == HttpStatusCode.Accepted)
        {
            var change = answer.Json["change"]!;
            (
                await PostAsync(
                    $"/api/v1/changes/{change.Text("id")}/approve",
                    new { digest = change.Text("digest"), reason = "looks right" }
                )
            ).Expect(HttpStatusCode.OK);
        }
    }

    public async Task<JsonNode> SucceededAsync(string operation)
    {
        var last = await FinishedAsync(operation);
        Assert.True(last.Text("state") == "succeeded", last.ToJsonString());
        return last;
    }

    public async Task<JsonNode> OperationAsync(string id) => (await GetAsync($"/api/v1/operations/{id}")).Expect(HttpStatusCode.OK);

    /// <summary>Waits until it ended, well or not; answers with it.</summary>
    public Task<JsonNode> FinishedAsync(string operation) =>
        Eventually.GetAsync(
            async () =>
            {
                var seen = await OperationAsync(operation);
                return seen.Text("state") is "succeeded" or "failed" or "cancelled"
                    ? seen
                    : throw new InvalidOperationException(seen.ToJsonString());
            },
            "the operation ends",
            Deployment
        );

    public Task<JsonNode> HealthyAsync(string environment) =>
        Eventually.GetAsync(
            async () =>
            {
                var seen = await EnvironmentAsync(environment);
                return seen.Text("health") == "healthy" ? seen : throw new InvalidOperationException(seen.ToJsonString());
            },
            "the environment is healthy",
            Deployment
        );

    public void Dispose() => client.Dispose();

    private async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await client.SendAsync(request);
        return new Answer(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }
}

/// <summary>An answer as it came.</summary>
public sealed record Answer(HttpStatusCode Status, string? MediaType, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public JsonNode Expect(HttpStatusCode status)
    {
        Assert.True(Status == status, $"{(int)Status} instead of {(int)status}: {Body}");
        return Json;
    }

    /// <summary>An error, in the shape of every error.</summary>
    public JsonNode ExpectProblem(HttpStatusCode status)
    {
        var problem = Expect(status);
        Assert.Equal("application/problem+json", MediaType);
        Assert.NotEmpty(problem.Text("detail"));
        return problem;
    }
}

/// <summary>Reading of answers.</summary>
public static class JsonReading
{
    public static string Text(this JsonNode node, string name) => node[name]?.ToString() ?? "";
}
