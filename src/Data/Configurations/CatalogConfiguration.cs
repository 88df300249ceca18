using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portkey.Portal.Data.Configurations;

internal sealed class ClusterConfiguration : IEntityTypeConfiguration<Cluster>
{
    public void Configure(EntityTypeBuilder<Cluster> builder)
    {
        builder.HasIndex(c => c.Name).IsUnique();
        builder.Property(c => c.LastError).HasMaxLength(2000);
        builder.Property(c => c.KubeconfigSource).HasMaxLength(2000);
        builder.Property(c => c.PinnedServer).HasMaxLength(500).HasDefaultValue("");
        builder.Property(c => c.PinnedAuthority).HasMaxLength(600).HasDefaultValue("");
        builder.Property(c => c.PinnedUid).HasMaxLength(64).HasDefaultValue("");
        builder.Property(c => c.PinSeal).HasMaxLength(64).HasDefaultValue("");
        builder.HasIndex(c => c.PinnedUid).IsUnique().HasFilter("pinned_uid <> ''");
        builder.Property(c => c.SecretSync).HasDefaultValue(SecretSync.Portal);
        builder.Property(c => c.SecretSyncJson).HasMaxLength(2000).HasDefaultValue("{}");
    }
}

internal sealed class ChartVersionConfiguration : IEntityTypeConfiguration<ChartVersion>
{
    public void Configure(EntityTypeBuilder<ChartVersion> builder)
    {
        builder.HasIndex(c => new { c.Edition, c.Name, c.Version }).IsUnique();
        builder.Property(c => c.Location).HasMaxLength(2000);
        builder.Property(c => c.SettingsJson).HasMaxLength(-1).HasDefaultValue("");
        builder.Property(c => c.DependsOnJson).HasMaxLength(-1).HasDefaultValue("");
        builder.Property(c => c.PodSecurityWaiver).HasMaxLength(1000).HasDefaultValue("");
    }
}

internal sealed class ProfileConfiguration : IEntityTypeConfiguration<Profile>
{
    public void Configure(EntityTypeBuilder<Profile> builder) => builder.HasKey(p => p.Name);
}
