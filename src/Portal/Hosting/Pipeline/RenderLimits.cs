using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Hosting.Pipeline;

/// <summary>
/// How much that needs rendering one person may have under way over HTTP: more is answered with 429 before its body is read. Whose turn it
/// is among what was taken, and the same bound for pages, is the engine's affair (<see cref="RenderTurns"/>).
/// </summary>
internal static class RenderLimits
{
    /// <summary>Name of the policy.</summary>
    public const string Policy = "rendering";

    private const int RetryAfterSeconds = 5;

    public static IServiceCollection AddRenderLimits(this IServiceCollection services)
    {
        services.AddRateLimiter(limiter =>
            limiter.OnRejected = (rejected, _) =>
                new ValueTask(ProblemResult.WriteAsync(rejected.HttpContext, Problem.From(new TooManyRequestsException(RetryAfterSeconds))))
        );
        services
            .AddOptions<RateLimiterOptions>()
            .Configure<IOptions<ProvisioningOptions>>(
                (limiter, options) =>
                    limiter.AddPolicy(
                        Policy,
                        context =>
                            RateLimitPartition.GetConcurrencyLimiter(
                                context.User.PersonId() ?? "",
                                _ => new ConcurrencyLimiterOptions { PermitLimit = options.Value.RenderQueuePerPerson, QueueLimit = 0 }
                            )
                    )
            );
        return services;
    }

    /// <summary>Counts what this endpoint renders.</summary>
    public static TBuilder Renders<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.RequireRateLimiting(Policy);
}
