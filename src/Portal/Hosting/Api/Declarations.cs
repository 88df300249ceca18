using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>Parameters that an endpoint takes beside those of its path.</summary>
internal sealed record TakesParameters(IReadOnlyList<Parameter> Parameters)
{
    /// <summary>All that an endpoint declares.</summary>
    public static IReadOnlyList<Parameter> Of(IEnumerable<object> metadata) =>
        [.. metadata.OfType<TakesParameters>().SelectMany(t => t.Parameters).DistinctBy(p => p.Name)];
}

/// <summary>A body that is text and not JSON, exactly as it is sent.</summary>
/// <param name="Description">What it is.</param>
/// <param name="Example">One that is taken.</param>
internal sealed record TakesText(string Description, string Example);

/// <summary>How an endpoint says what it takes.</summary>
internal static class Declarations
{
    public static TBuilder Takes<TBuilder>(this TBuilder endpoint, params Parameter[] parameters)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new TakesParameters(parameters));

    /// <summary>It is a list that pages by cursor. Lists are polled, so each of its pages has an ETag.</summary>
    public static RouteHandlerBuilder Pages(this RouteHandlerBuilder endpoint) =>
        endpoint.Takes(Parameters.Cursor, Parameters.Limit).Tagged();

    /// <summary>A repeated Idempotency-Key answers as the first call did.</summary>
    public static TBuilder Idempotent<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.Takes(Parameters.IdempotencyKey);

    /// <summary>The body is text, whatever its content type says.</summary>
    public static TBuilder TakesText<TBuilder>(this TBuilder endpoint, string description, string example)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new TakesText(description, example));
}

/// <summary>Reads what the endpoint declares and refuses every other query parameter by name; all problems at once.</summary>
internal sealed class DeclaredParameters : IEndpointFilter
{
    private const int LongestName = 128;

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var declared = TakesParameters.Of(http.GetEndpoint()!.Metadata);
        var problems = new List<FieldProblem>();
        foreach (var parameter in declared)
        {
            parameter.Read(http, problems);
        }

        var names = declared.Where(p => !p.IsHeader).Select(p => p.Name).Order(StringComparer.Ordinal).ToList();
        foreach (var name in http.Request.Query.Keys.Where(k => !names.Contains(k, StringComparer.Ordinal)))
        {
            problems.Add(
                new(
                    name.Length <= LongestName ? name : name[..LongestName] + "…",
                    names.Count == 0
                        ? "There is no such parameter: this call takes none."
                        : $"There is no such parameter. Parameters here: {string.Join(", ", names)}."
                )
            );
        }

        return problems.Count == 0 ? next(context) : throw new InvalidInputException(problems);
    }
}
