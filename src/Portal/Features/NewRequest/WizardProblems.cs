using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Web.Features.NewRequest;

/// <summary>What is wrong with a request so far: by the check, and by whoever refused it when it was sent.</summary>
internal sealed class WizardProblems(WizardState state, IReadOnlyList<FieldProblem> found, IReadOnlyList<FieldProblem> posted)
{
    /// <summary>All, each once. What is wrong with a name is said by its own rule, which says it while it is typed.</summary>
    public IReadOnlyList<FieldProblem> All { get; } =
        !state.IsChange && NameRule.WhatIsWrong(state.Name.Trim()) is { } wrong
            ? [new FieldProblem("name", wrong), .. found.Concat(posted).Where(p => p.Field != "name").Distinct()]
            : [.. found.Concat(posted).Distinct()];

    /// <summary>Those that are put right on a step.</summary>
    public IReadOnlyList<FieldProblem> On(string step) => [.. All.Where(p => WizardSteps.Holds(step, p.Field))];

    /// <summary>For one field of the page, which may stand for many of the API, such as a list for its entries: then the words name
    /// which.</summary>
    public string? Of(string field) =>
        All.FirstOrDefault(p => p.Field == field)?.Message
        ?? All.Where(p =>
                p.Field.Length > field.Length && p.Field.StartsWith(field, StringComparison.Ordinal) && p.Field[field.Length] is '.' or '['
            )
            .Select(p => $"{Part(p.Field[field.Length..])}: {p.Message}")
            .FirstOrDefault();

    // "[2]" is the third line of a list.
    private static string Part(string rest) =>
        rest is ['[', .. var index, ']'] && int.TryParse(index, out var at) ? $"Line {at + 1}" : rest.TrimStart('.');
}
