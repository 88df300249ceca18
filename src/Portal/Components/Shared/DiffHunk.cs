using Portkey.Portal.Provisioning.Clusters.Helm;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>Lines of a difference that are shown, or folded, together.</summary>
/// <param name="Start">Index of the first of them.</param>
/// <param name="Lines">Lines.</param>
/// <param name="IsFolded">Whether they are as before and far from what changes.</param>
internal sealed record DiffHunk(int Start, IReadOnlyList<DiffLine> Lines, bool IsFolded)
{
    /// <summary>Lines before and after each change that are shown with it.</summary>
    public const int Context = 3;

    // A fold takes a line itself.
    private const int LeastFolded = 2;

    /// <summary>All lines in order; those further than <see cref="Context"/> from every change are folded.</summary>
    public static IReadOnlyList<DiffHunk> Of(IReadOnlyList<DiffLine> lines)
    {
        var near = new bool[lines.Count];
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Change != DiffChange.Unchanged)
            {
                for (var j = Math.Max(0, i - Context); j <= Math.Min(lines.Count - 1, i + Context); j++)
                {
                    near[j] = true;
                }
            }
        }

        var hunks = new List<DiffHunk>();
        var start = 0;
        while (start < lines.Count)
        {
            var end = start;
            while (end < lines.Count && near[end] == near[start])
            {
                end++;
            }

            hunks.Add(new DiffHunk(start, [.. lines.Skip(start).Take(end - start)], !near[start] && end - start >= LeastFolded));
            start = end;
        }

        return hunks;
    }
}
