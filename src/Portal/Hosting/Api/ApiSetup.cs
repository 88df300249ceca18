using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>The REST side: every group is mapped once, below one policy and one pair of filters.</summary>
internal static class ApiSetup
{
    public static IServiceCollection AddPortalApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        return services.AddPortalOpenApi();
    }

    /// <summary>Every call may answer with these, in one shape.</summary>
    public static void AnswersWithProblems(this RouteGroupBuilder api)
    {
        foreach (var status in new[] { 400, 401, 403, 404, 409, 413, 415, 429, 500, 503, 507 })
        {
            api.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), ["application/problem+json"]));
        }
    }

    /// <summary>A list that is always complete, in the shape of those that page.</summary>
    public static Page<T> Whole<T>(IReadOnlyList<T> items) => new(items, null);
}

/// <summary>Shape of every error (RFC 9457), for the description of the API.</summary>
/// <param name="Type">urn:portkey-portal:problem: and the code.</param>
/// <param name="Title">What went wrong, for people.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What to do about it.</param>
/// <param name="Instance">Path that was called.</param>
/// <param name="Code">What went wrong, for programs; it stays the same.</param>
/// <param name="TraceId">Id by which an operator finds this call.</param>
internal sealed record ProblemDetails(string Type, string Title, int Status, string Detail, string Instance, string Code, string TraceId)
{
    /// <summary>What is wrong with each field or parameter, by its path; with status 400.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}
