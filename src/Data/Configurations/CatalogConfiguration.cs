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
        builder.Property(c => c.SecretDelivery).HasDefaultValue(SecretDeliveryMode.Portal);
        builder.Property(c => c.NodesJson).HasMaxLength(-1).HasDefaultValue("[]");
        builder
            .OwnsOne(
                c => c.SecretDeliveryStore,
                s =>
                {
                    s.Property(x => x.Vault).HasMaxLength(2000);
                    s.Property(x => x.HadExternalSecrets).HasDefaultValue(false);
                    s.Property(x => x.HadSecretsStoreCsi).HasDefaultValue(false);
                }
            )
            .Navigation(c => c.SecretDeliveryStore)
            .IsRequired();
    }
}

internal sealed class ChartVersionConfiguration : IEntityTypeConfiguration<ChartVersion>
{
    public void Configure(EntityTypeBuilder<ChartVersion> builder)
    {
        builder
            .HasIndex(c => new
            {
                c.Edition,
                c.Name,
                c.Version,
            })
            .IsUnique();
        builder.Property(c => c.Location).HasMaxLength(2000);
        builder.Property(c => c.SettingsJson).HasMaxLength(-1).HasDefaultValue("");
        builder.Property(c => c.DependsOnJson).HasMaxLength(-1).HasDefaultValue("");
        builder.Property(c => c.PodSecurityWaiver).HasMaxLength(1000).HasDefaultValue("");
        builder.Property(c => c.RetiredReason).HasMaxLength(1000);
    }
}

internal sealed class ProfileConfiguration : IEntityTypeConfiguration<Profile>
{
    public void Configure(EntityTypeBuilder<Profile> builder)
    {
        builder.HasKey(p => p.Name);
        builder.Property(p => p.GraceSeconds).HasDefaultValue(30);
    }
}
