using System.Security.Cryptography;
using Microsoft.Extensions.Caching.Memory;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Web.Hosting.Forms;

/// <summary>
/// What was wrong with a posted form, kept for ten minutes for the page that the browser is sent back to. The address carries only a
/// key, which works for the person who posted and for nobody else.
/// </summary>
internal sealed class FormProblems(IMemoryCache cache)
{
    public string Put(string personId, IReadOnlyList<FieldProblem> problems)
    {
        var key = RandomNumberGenerator.GetHexString(16, lowercase: true);
        cache.Set(("form-problems", personId, key), problems, TimeSpan.FromMinutes(10));
        return key;
    }

    /// <summary>Problems under the key; empty when there are none any more. Reading does not remove them: pages render twice.</summary>
    public IReadOnlyList<FieldProblem> Read(string personId, string? key) =>
        key is not null
        && cache.TryGetValue(("form-problems", personId, key), out IReadOnlyList<FieldProblem>? problems)
        && problems is not null
            ? problems
            : [];
}
