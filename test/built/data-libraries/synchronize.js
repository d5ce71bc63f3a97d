/*
 * Lets TypeORM or Sequelize make the schema of DATABASE_URL what their models say.
 *
 * node synchronize.js typeorm|typeorm-drop|sequelize
 */
import "reflect-metadata";
import { DataTypes, Sequelize } from "sequelize";
import { DataSource, EntitySchema } from "typeorm";

const url = process.env.DATABASE_URL;
const [tool] = process.argv.slice(2);

if (tool === "sequelize") {
  const sequelize = new Sequelize(url, { logging: false });
  sequelize.define("order", { note: DataTypes.TEXT });
  await sequelize.sync({ alter: true });
  await sequelize.sync({ force: true });
  await sequelize.close();
} else {
  const entity = new EntitySchema({
    name: "order",
    columns: { id: { type: Number, primary: true }, note: { type: String } },
  });
  const dropSchema = tool === "typeorm-drop";
  const dataSource = new DataSource({
    type: "postgres",
    url,
    entities: [entity],
    synchronize: true,
    dropSchema,
  });
  await dataSource.initialize();
  await dataSource.destroy();
}
