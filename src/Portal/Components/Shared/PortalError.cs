using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>A failure as people see it: what happened, why, what to do, and an id to quote. Never a stack trace.</summary>
/// <param name="Title">What happened.</param>
/// <param name="Why">Why, as far as known.</param>
/// <param name="WhatToDo">What to do.</param>
/// <param name="Reference">Id to quote.</param>
/// <param name="Problems">What is wrong with which field.</param>
public sealed record PortalError(string Title, string Why, string WhatToDo, string Reference, IReadOnlyList<FieldProblem> Problems)
{
    /// <summary>There is no such thing, or the person may not see it.</summary>
    public bool IsNotFound { get; private init; }

    /// <summary>Whether a component shows it in place: a refusal, or a database that does not answer. All else fails the page.</summary>
    public static bool IsShownInPlace(Exception exception) =>
        exception is CommandRefusedException or System.Data.Common.DbException or TimeoutException;

    /// <summary>Of whatever was thrown while doing something.</summary>
    public static PortalError Of(Exception exception, string doing, string reference) =>
        exception switch
        {
            InvalidInputException e => new(
                $"Could not {doing}.",
                "Some of what was entered cannot be used.",
                "Correct the fields named below and try again.",
                reference,
                e.Problems
            ),
            NotFoundException e => new(
                "Nothing to see here.",
                e.Message,
                "It may have been removed, or it belongs to another team. Go back to the list.",
                reference,
                []
            )
            {
                IsNotFound = true,
            },
            ForbiddenException e => new(
                $"You may not {doing}.",
                e.Message,
                "Ask a member of the owning team or an administrator.",
                reference,
                []
            ),
            ConflictException e => new(
                $"Could not {doing}.",
                e.Message,
                "Look at the current state below, then decide again.",
                reference,
                []
            ),
            TooManyRequestsException e => new(
                "The portal is busy with what you sent.",
                e.Message,
                "Your earlier requests continue; wait for them, then repeat this.",
                reference,
                []
            ),
            CommandRefusedException e => new($"Could not {doing}.", e.Message, "Correct it and try again.", reference, []),
            _ => new(
                $"Could not {doing}.",
                "The portal had an internal error; nothing was changed by this attempt.",
                "Try again in a moment. If this persists, tell the operators this reference.",
                reference,
                []
            ),
        };

    /// <summary>EnumNames for one field, null when it is fine.</summary>
    public string? For(string field) =>
        Problems.FirstOrDefault(p => string.Equals(p.Field, field, StringComparison.OrdinalIgnoreCase))?.Message;
}
