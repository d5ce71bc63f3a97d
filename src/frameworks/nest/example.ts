import { Controller, Get, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { MaintenancePageModule } from "intermission/nest";

@Controller()
class AppController {
  @Get()
  greet(): string {
    return "Hello";
  }

  @Get("orders")
  listOrders(): string {
    throw new Error("column orders.note does not exist");
  }
}

@Module({ imports: [MaintenancePageModule.forRoot()], controllers: [AppController] })
class AppModule {}

const app = await NestFactory.create(AppModule);
await app.listen(3000);
