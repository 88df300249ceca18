using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>The engine on tools/Sandbox.</summary>
public sealed class SandboxEngine() : EngineFixture(Target.Sandbox);

/// <summary>The engine on Kubernetes.</summary>
public sealed class RealEngine() : EngineFixture(Target.RealServer);

// One server for all classes of a target; the two targets run beside each other.
[CollectionDefinition]
public sealed class OnSandbox : ICollectionFixture<SandboxEngine>;

[CollectionDefinition]
public sealed class OnRealServer : ICollectionFixture<RealEngine>;

[Collection<OnSandbox>]
public sealed class SandboxReleaseTests(SandboxEngine engine) : ReleaseTests(engine);

[Collection<OnSandbox>]
public sealed class SandboxApprovedTests(SandboxEngine engine) : ApprovedTests(engine);

[Collection<OnSandbox>]
public sealed class SandboxPendingTests(SandboxEngine engine) : PendingTests(engine);

[Collection<OnSandbox>]
public sealed class SandboxWriterTests(SandboxEngine engine) : WriterTests(engine);

[Collection<OnSandbox>]
public sealed class SandboxOwnershipTests(SandboxEngine engine) : OwnershipTests(engine);

[Collection<OnSandbox>]
public sealed class SandboxRefusalTests(SandboxEngine engine) : RefusalTests(engine);

[Collection<OnSandbox>]
public sealed class SandboxHealthTests(SandboxEngine engine) : HealthTests(engine);

[Collection<OnSandbox>]
public sealed class SandboxOutageTests(SandboxEngine engine) : OutageTests(engine);

[Collection<OnSandbox>]
public sealed class SandboxIdentityTests(SandboxEngine engine) : IdentityTests(engine);

[Collection<OnRealServer>]
public sealed class RealIdentityTests(RealEngine engine) : IdentityTests(engine);

[Collection<OnSandbox>]
public sealed class SandboxEndpointTests(SandboxEngine engine) : EndpointTests(engine);

[Collection<OnSandbox>]
public sealed class SandboxNetworkJobTests(SandboxEngine engine) : NetworkJobTests(engine);

[Collection<OnRealServer>]
public sealed class RealNetworkJobTests(RealEngine engine) : NetworkJobTests(engine);

[Collection<OnRealServer>]
public sealed class RealEndpointTests(RealEngine engine) : EndpointTests(engine);

[Collection<OnRealServer>]
public sealed class RealReleaseTests(RealEngine engine) : ReleaseTests(engine);

[Collection<OnRealServer>]
public sealed class RealApprovedTests(RealEngine engine) : ApprovedTests(engine);

[Collection<OnRealServer>]
public sealed class RealPendingTests(RealEngine engine) : PendingTests(engine);

[Collection<OnRealServer>]
public sealed class RealWriterTests(RealEngine engine) : WriterTests(engine);

[Collection<OnRealServer>]
public sealed class RealOwnershipTests(RealEngine engine) : OwnershipTests(engine);

[Collection<OnRealServer>]
public sealed class RealRefusalTests(RealEngine engine) : RefusalTests(engine);

[Collection<OnRealServer>]
public sealed class RealHealthTests(RealEngine engine) : HealthTests(engine);

[Collection<OnRealServer>]
public sealed class RealOutageTests(RealEngine engine) : OutageTests(engine);
