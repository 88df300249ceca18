using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>One object that a controller is to look at.</summary>
internal readonly record struct ObjectName(string Namespace, string Name);

/// <summary>
/// Brings one kind nearer to its spec. All controllers run on one loop, one object at a time, so none needs a lock;
/// each looks at the present state only and may be called at any time.
/// </summary>
internal interface IController
{
    /// <summary>Which objects a change concerns. Called with every object that exists when the loop starts.</summary>
    IEnumerable<ObjectName> Affected(WatchEvent change);

    /// <summary>One look. Returns when to look again even if nothing changes, or null.</summary>
    TimeSpan? Reconcile(ObjectName name);
}
