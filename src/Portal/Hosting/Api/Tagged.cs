using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>
/// Answers carry an ETag, and a caller that has this answer already gets 304 without a body. The tag is a digest of the answer itself, so
/// that it says the same from whichever process it comes.
/// </summary>
internal sealed class Tagged : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var value = await next(context);
        if (value is null or IResult)
        {
            return value;
        }

        var http = context.HttpContext;
        var body = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), ApiJson.Options);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(body))[..32]}\"", isWeak: true);
        http.Response.Headers.ETag = tag.ToString();
        return Matches(http.Request.Headers.IfNoneMatch, tag)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Bytes(body, "application/json; charset=utf-8");
    }

    private static bool Matches(Microsoft.Extensions.Primitives.StringValues given, EntityTagHeaderValue tag) =>
        EntityTagHeaderValue.TryParseList(given, out var tags)
        && tags.Any(t => t.Compare(tag, useStrongComparison: false) || t.Equals(EntityTagHeaderValue.Any));
}

/// <summary>The answer carries an ETag.</summary>
internal sealed record TaggedMark;

/// <summary>How an endpoint says that it is polled.</summary>
internal static class TaggedEndpoints
{
    public static RouteHandlerBuilder Tagged(this RouteHandlerBuilder endpoint) =>
        endpoint.Takes(Parameters.IfNoneMatch).WithMetadata(new TaggedMark()).AddEndpointFilter<Tagged>();
}
